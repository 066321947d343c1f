import type { ErrorRecord } from "#core/errors.ts";
import type { ServiceGroup } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { RolloutReason } from "#core/rollout.ts";
import type { StrategyName } from "#core/service.ts";

/** What is seen of one host before a plan is made. */
export type HostSight = {
  readonly host: string;
  /** Why it, or one of its balancers, could not be looked at. */
  readonly error?: ErrorRecord;
  /** Whether every balancer of the group has it in service. */
  readonly inService: boolean;
  /** It gets no traffic for no other reason than that somebody else wanted so, at a balancer. Looked for where it matters. */
  readonly isSetAside?: boolean;
  /** The release and digest of the running container, where Slipway started one. */
  readonly release?: number;
  readonly digest?: string;
  readonly imagePresent: boolean;
  /** Something else than Slipway uses the service's port. */
  readonly portTakenBy?: string;
  /** The host's port that the running container is published at. */
  readonly port?: number;
  /** Where the host's engine keeps its images. */
  readonly disk?: { readonly freeBytes: number; readonly totalBytes: number };
};

/** What is known of a balancer's own timing, where it tells. */
export type BalancerTiming = {
  readonly balancer: string;
  /** The longest request it has seen. */
  readonly longestRequestMs?: number;
  /** From a server's first good check to its traffic. */
  readonly admitMs?: number;
};

export type PlanInput = {
  readonly release: Release;
  readonly environment: string;
  readonly reason: RolloutReason;
  readonly group: ServiceGroup;
  readonly sights: readonly HostSight[];
  /** The release has succeeded in the environment that `promote.from` names. */
  readonly isProved: boolean;
  /** Only these hosts may be visited. */
  readonly onlyHosts?: readonly string[];
  readonly timings?: readonly BalancerTiming[];
  /** What earlier rollouts of the place took for each host, newest first. */
  readonly pastHostMs?: readonly number[];
  /** The size of the image, where it is known. */
  readonly imageBytes?: number;
  /** What is held for the rollout beside the lock, in words. */
  readonly holds?: readonly string[];
  /** Who has locked the place, and why. */
  readonly lockedBy?: string;
  /** Hosts that an unfinished rollout has changed: they are visited last. */
  readonly inherited?: readonly string[];
  readonly hasPrometheus?: boolean;
};

export type PlannedHost = {
  readonly name: string;
  readonly from?: number;
  readonly pull: boolean;
};

export type Batch = {
  readonly hosts: readonly PlannedHost[];
  /** Hosts in service while this batch is out. */
  readonly inServiceMeanwhile: number;
};

/** What a rollout will do, as it was decided before anything was touched. */
export type Plan = {
  readonly service: string;
  readonly environment: string;
  readonly release: number;
  readonly image: string;
  readonly reason: RolloutReason;
  readonly strategy: StrategyName;
  readonly batches: readonly Batch[];
  /** Hosts that run the release already and are in service: not touched. */
  readonly upToDate: readonly string[];
  readonly minHealthy: number;
  readonly inService: number;
  /** Hosts that could not be reached and are left out; they join when they are back. */
  readonly skipped: readonly string[];
  /** Hosts that get traffic again though somebody had taken them out at a balancer: a person named them. */
  readonly lifts?: readonly string[];
  /** What is held for the rollout, in words. */
  readonly holds: readonly string[];
  /** What is allowed and yet worth a look, e.g. timers that do not fit together. */
  readonly warnings: readonly Warning[];
  /** From what earlier rollouts of this place took. */
  readonly expectedSeconds?: number;
  /** The exact sequence in words, one line an act. */
  readonly steps: readonly string[];
  /** Not empty: the rollout must not start. */
  readonly refusals: readonly Refusal[];
};

export type Warning = { readonly message: string; readonly advice: string };

export type Refusal = {
  readonly reason: string;
  readonly advice: string;
  /** Where the world is the reason: what was seen. */
  readonly error?: ErrorRecord;
};
