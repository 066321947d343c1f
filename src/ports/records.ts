import type { Build } from "#core/build.ts";
import type { Envelope } from "#core/envelope.ts";
import type { AlertsSpec, AutoscalingSpec, HostSpec } from "#core/fleet.ts";
import type { HoldReceipt, TrafficCount } from "#core/receipt.ts";
import type { Commit, Release } from "#core/release.ts";
import type { Rollout, RolloutState, TimelineEvent } from "#core/rollout.ts";
import type { TrafficSample } from "#core/traffic-series.ts";
import type { BalancerAt, BalancerCounters } from "#ports/balancer.ts";

/** What Slipway remembers. Each verb is one transaction; when it resolves the fact survives a crash. */

export type NewHead = { readonly source: string; readonly branch: string; readonly sha: string };

export type SourceSight = {
  readonly name: string;
  readonly lastSeenAt?: string;
  readonly error?: string;
  readonly failures: number;
  readonly nextPollAt?: string;
};

export interface HeadRecords {
  /**
   * Remembers the heads of a source and makes one waiting build for each branch whose head differs from the one that
   * was remembered; resolves with those builds. Called again with the same heads it makes none.
   */
  see(source: string, heads: readonly NewHead[]): Promise<readonly Build[]>;
  /** The source answered, or did not. */
  noteSight(sight: SourceSight): Promise<void>;
  sights(): Promise<readonly SourceSight[]>;
}

export interface BuildRecords {
  get(id: string): Promise<Build | undefined>;
  byNumber(number: number): Promise<Build | undefined>;
  /** Newest first. */
  list(limit: number): Promise<readonly Build[]>;
  /** Builds that have not ended: what a start of the server must take up. */
  open(): Promise<readonly Build[]>;
  /** Merges the given fields into the build; fields that are not given stay. */
  update(id: string, change: Partial<Omit<Build, "id" | "number" | "source">>): Promise<Build>;
}

export interface ReleaseRecords {
  /** The next release of the service, or the one that was made for this build before. */
  create(release: Omit<Release, "number" | "createdAt">): Promise<Release>;
  get(service: string, number: number): Promise<Release | undefined>;
  /** Newest first. */
  list(service: string, limit: number): Promise<readonly Release[]>;
  services(): Promise<readonly string[]>;
}

export type NewRollout = Pick<
  Rollout,
  "service" | "environment" | "release" | "reason" | "by" | "shownPlan" | "onlyHosts"
> & {
  /** The same key never makes a second rollout. */
  readonly key: string;
};

export type RolloutChange = {
  readonly [K in keyof Omit<Rollout, "id" | "number">]?: Rollout[K] | undefined;
};

export interface RolloutRecords {
  /** A waiting rollout, or the one made with this key before. Waiting ones of the place that it replaces become superseded. */
  create(rollout: NewRollout): Promise<Rollout>;
  get(id: string): Promise<Rollout | undefined>;
  byNumber(number: number): Promise<Rollout | undefined>;
  /** Newest first. */
  list(
    filter: { service?: string; environment?: string; states?: readonly RolloutState[]; release?: number },
    limit: number,
  ): Promise<readonly Rollout[]>;
  /**
   * Merges (undefined takes a field away); refuses to leave a final state, and any other than `onlyIn` where that is
   * given: resolves with the rollout as it stands.
   */
  update(id: string, change: RolloutChange, onlyIn?: RolloutState): Promise<Rollout>;
}

export interface Timeline {
  /** Appends; resolves with the event as it is kept. `attempt` is the number of `started` events of this act so far. */
  append(event: Omit<TimelineEvent, "seq" | "at" | "attempt">): Promise<TimelineEvent>;
  of(rolloutId: string, afterSeq?: number): Promise<readonly TimelineEvent[]>;
  /** Keeps the greater count per rollout and part: a prober that was killed loses at most half a second. */
  noteTraffic(rolloutId: string, part: string, count: TrafficCount): Promise<void>;
  traffic(rolloutId: string): Promise<readonly { part: string; count: TrafficCount }[]>;
  /** Keeps the first reading of each part: a repeated step must not move the receipt's zero. */
  noteCounters(rolloutId: string, part: string, counters: BalancerCounters): Promise<void>;
  counters(rolloutId: string): Promise<readonly { part: string; counters: BalancerCounters }[]>;
  /** Keeps what each counter shows now, under the same clock as the events; all of them or none. */
  noteSamples(rolloutId: string, samples: readonly Omit<TrafficSample, "at">[]): Promise<void>;
  /** Oldest first. */
  samples(rolloutId: string): Promise<readonly TrafficSample[]>;
}

/** Signed receipts. They outlive the rollout's own short form of them, and never change but by a later word. */
export interface ReceiptRecords {
  /** The last word stays: the receipt is written at the end, and once more when the moments after it were watched. */
  keep(rolloutId: string, envelope: Envelope): Promise<void>;
  get(rolloutId: string): Promise<Envelope | undefined>;
}

/** Numbers for turns at changing a host: each greater than every one before, whichever server asked. */
export interface Turns {
  next(): Promise<number>;
}

export type LogChunk = { readonly seq: number; readonly at: string; readonly text: string };

/** Logs of builds and verifications, masked before they are kept. */
export interface Logs {
  /** Appends text; a log that has reached its limit keeps its beginning and drops the rest, with one line that says so. */
  append(logId: string, text: string): Promise<void>;
  read(logId: string, afterSeq: number, limit: number): Promise<readonly LogChunk[]>;
  clear(logId: string): Promise<void>;
}

export type HoldKind = "environment-lock" | "drain" | "alerts" | "autoscaling";

export type Hold = {
  readonly id: string;
  readonly kind: HoldKind;
  /** Whose it is; empty for a lock that a person took. */
  readonly rolloutId: string;
  readonly service: string;
  readonly environment: string;
  /** The host of a drain, and the name by which the balancer knows the drained place. */
  readonly host?: string;
  readonly server?: string;
  /** Who took it, and why, where a person did. */
  readonly by?: string;
  readonly reason?: string;
  /** By what it was taken: it is given back by it, whatever fleet.yaml says by then. An earlier version kept none. */
  readonly alerts?: AlertsSpec;
  readonly autoscaling?: AutoscalingSpec;
  readonly drained?: { readonly at: BalancerAt; readonly host: HostSpec };
  /** What people are told it is for, e.g. `rollout 12 of hello r7`. */
  readonly words?: string;
  /** `integration/hello`, or `haproxy hello/web-1`. */
  readonly subject: string;
  /** The value it had before, so that it can be restored. */
  readonly before: string;
  readonly until: string;
};

/** What is switched off for a rollout: leases. Recorded before they are taken, renewed while the rollout lives. */
export interface Holds {
  /** The first word on a hold stays: taken again under its id, only its end moves. */
  take(hold: Hold): Promise<void>;
  /** The holds of the rollout end then. */
  renew(rolloutId: string, until: string): Promise<void>;
  /**
   * The record is this one from now on if it is as it was seen before, or if there is none where none was seen; false
   * where somebody was faster.
   */
  replace(hold: Hold, asSeen: Hold | undefined): Promise<boolean>;
  /** The record is gone; with `asSeen` only where it is still just so. False where nothing went. */
  release(id: string, asSeen?: Hold): Promise<boolean>;
  ofRollout(rolloutId: string): Promise<readonly Hold[]>;
  all(): Promise<readonly Hold[]>;
  /** What was ever taken for the rollout and given back since, in the order of taking; a hold taken twice is there twice. */
  history(rolloutId: string): Promise<readonly HoldReceipt[]>;
}

/** What is remembered of a host from one look at the fleet to the next, whatever happens to the server in between. */
export type HostMark = {
  /** Since when it was away, while it has not been right again. */
  readonly awaySince?: string;
  /** How it differed from what should run there when it was seen last, before it was away, and since when. */
  readonly drift?: { readonly what: string; readonly since: string };
  /** How many rollouts for it to join were refused. */
  readonly refusals?: number;
};

export interface HostMarks {
  /** By `<environment>/<service>/<host>`. */
  all(): Promise<ReadonlyMap<string, HostMark>>;
  /** Takes the place of the one before; undefined: there is nothing to remember any more. */
  put(key: string, mark: HostMark | undefined): Promise<void>;
}

/** Tells followers that something changed; what exactly they read again. */
export interface Changes {
  /** Calls back with the topic: `overview`, `build/<id>`, `rollout/<id>`, `log/<id>`. Returns the way to stop. */
  follow(onChange: (topic: string) => void): () => void;
  /** Tells the followers of this process about something that is not recorded. */
  tell(topic: string): void;
}

export type { Commit };
