import type { Phase } from "#core/phase-times.ts";
import type { Direction, HostStep, RolloutReason } from "#core/rollout.ts";

/** Requests as one observer counted them. */
export type TrafficCount = {
  readonly requests: number;
  /** Answered with a 5xx, refused, or not answered in time. */
  readonly failed: number;
  /** The connection ended in the middle of an answer. */
  readonly cut: number;
};

/** What both observers counted in one stretch of time. */
export type TrafficWindow = {
  readonly seconds: number;
  readonly prober?: TrafficCount;
  readonly balancers?: TrafficCount;
};

/** One number for each stretch of time. */
export type CountSeries = {
  readonly requests: readonly number[];
  readonly failed: readonly number[];
  readonly cut: readonly number[];
};

/** Traffic over time: point n covers `everyMs` from `fromMs + n * everyMs` after the start of the rollout. */
export type TrafficSeries = {
  readonly fromMs: number;
  readonly everyMs: number;
  readonly prober?: CountSeries;
  readonly balancers?: CountSeries;
};

/** Something that was switched off for the rollout. */
export type HoldReceipt = {
  readonly kind: string;
  /** `integration/hello`, or `haproxy hello/web-1`. */
  readonly subject: string;
  /** What was found and is restored: a state of the balancer, what was suspended already. Absent: nothing, or not noted. */
  readonly before?: string;
  readonly takenAt: string;
  /** Absent: not given back when the receipt was written. */
  readonly givenBackAt?: string;
};

/** One try at one step on a host, in milliseconds after the start of the rollout. */
export type HostSpan = {
  readonly step: HostStep;
  readonly direction: Direction;
  /** `interrupted`: the server was stopped in the middle of it; the next try follows. */
  readonly end: "succeeded" | "failed" | "interrupted";
  readonly fromMs: number;
  readonly toMs: number;
};

export type HostReceipt = {
  readonly host: string;
  readonly outcome: "released" | "put-back" | "untouched" | "failed" | "left-out";
  /** Milliseconds of each step that ran, of the forward direction; a repeated step counts every try. */
  readonly stepsMs: Readonly<Partial<Record<HostStep, number>>>;
  readonly putBackMs?: number;
  /** Tries beyond the first, after the server was killed. */
  readonly repeated: number;
  /** The release it ran when the rollout was planned, where it ran one. */
  readonly from?: number;
  /** It was not in the plan: it was added, or came back, while the rollout ran. */
  readonly joined?: true;
  /** Why it was left out, where it was. */
  readonly why?: string;
  /** Every try at every step, oldest first; not in the short form. */
  readonly spans?: readonly HostSpan[];
};

/**
 * The proof of a rollout. `version` grows when a field changes its meaning: receipts of version 1 were never signed
 * and know no holds. The short form, kept with the rollout, leaves out what grows with its length.
 */
export type Receipt = {
  readonly version: 1 | 2;
  readonly rollout: number;
  readonly service: string;
  readonly environment: string;
  readonly release: number;
  readonly previousRelease?: number;
  readonly commit: string;
  readonly image: string;
  /** Who asked, and why: a commit, a person's wish, a roll back. */
  readonly by: string;
  readonly reason?: RolloutReason;
  readonly outcome: "succeeded" | "failed" | "cancelled" | "stuck" | "aborted" | "superseded";
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seconds: number;
  /** From the moment the commit was seen; absent for a rollout a person asked for. */
  readonly commitToLiveSeconds?: number;
  /** The prober's own requests through the balancer; absent when the group names no traffic url. */
  readonly prober?: TrafficCount;
  /** The balancers' own counters over the rollout, all clients together. `cut` = aborted by the server. */
  readonly balancers?: TrafficCount;
  /** What the balancers' count leaves out, a sentence each: a restart, a balancer that did not answer. */
  readonly uncounted?: readonly string[];
  /** Watched before the first host was touched, and after the end. */
  readonly before?: TrafficWindow;
  readonly after?: TrafficWindow;
  /** Not in the short form. */
  readonly series?: TrafficSeries;
  readonly holds?: readonly HoldReceipt[];
  readonly longestDrainMs: number;
  /** What was done to all hosts together: `prepare` pulls. Absent in receipts of earlier versions. */
  readonly phasesMs?: Readonly<Partial<Record<Phase, number>>>;
  readonly hosts: readonly HostReceipt[];
};

/** What is kept with the rollout and shown in lists: everything but what grows with its length. */
export function shortReceipt({ series: _, hosts, ...receipt }: Receipt): Receipt {
  return { ...receipt, hosts: hosts.map(({ spans: _spans, ...host }) => host) };
}
