import type { ErrorRecord } from "#core/errors.ts";
import type { ServiceGroup } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { RolloutReason } from "#core/rollout.ts";

/** What is seen of one host before a plan is made. */
export type HostSight = {
  readonly host: string;
  /** Why it, or one of its balancers, could not be looked at. */
  readonly error?: ErrorRecord;
  /** Whether every balancer of the group has it in service. */
  readonly inService: boolean;
  /** The release and digest of the running container, where Slipway started one. */
  readonly release?: number;
  readonly digest?: string;
  readonly imagePresent: boolean;
  /** Something else than Slipway uses the service's port. */
  readonly portTakenBy?: string;
};

export type PlanInput = {
  readonly release: Release;
  readonly environment: string;
  readonly reason: RolloutReason;
  readonly group: ServiceGroup;
  readonly sights: readonly HostSight[];
  /** The release has succeeded in the environment that `promote.from` names. */
  readonly isProved: boolean;
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
  readonly batches: readonly Batch[];
  /** Hosts that run the release already and are in service: not touched. */
  readonly upToDate: readonly string[];
  readonly minHealthy: number;
  readonly inService: number;
  /** The exact sequence in words, one line an act. */
  readonly steps: readonly string[];
  /** Not empty: the rollout must not start. */
  readonly refusals: readonly Refusal[];
};

export type Refusal = {
  readonly reason: string;
  readonly advice: string;
  /** Where the world is the reason: what was seen. */
  readonly error?: ErrorRecord;
};
