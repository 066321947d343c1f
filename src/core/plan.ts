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
  /** Whether every balancer of the group has it in service; in a group without balancers, whether the service runs there. */
  readonly inService: boolean;
  /** It gets no traffic for no other reason than that somebody else wanted so, at a balancer. Looked for where it matters. */
  readonly isSetAside?: boolean;
  /** The release and digest of the running container, where Slipway started one. */
  readonly release?: number;
  readonly digest?: string;
  readonly imagePresent: boolean;
  /** What it would have to pull of the image, as the registry keeps it: compressed. Absent: nothing, or not known. */
  readonly pullBytes?: number;
  /** Something that Slipway did not start uses a port of the service. */
  readonly portTaken?: { readonly port: number; readonly by: string };
  /** The host's port that the running container is published at. */
  readonly port?: number;
  /** Where the host's engine keeps its images. */
  readonly disk?: { readonly freeBytes: number; readonly totalBytes: number };
  /** Its places that somebody else has taken out of service at a balancer. */
  readonly switchedOff?: readonly SwitchedOff[];
};

export type SwitchedOff = {
  readonly balancer: string;
  /** As the balancer knows the place. */
  readonly server: string;
  readonly state: "draining" | "maintenance";
  /** Whether it is the place of the container that is in use, and not the one beside it. */
  readonly isInUse: boolean;
};

/** What is known of a balancer's own timing: each absent where nobody tells it. */
export type BalancerTiming = {
  readonly balancer: string;
  /** The longest request it has seen. */
  readonly longestRequestMs?: number;
  /** So many good checks in a row admit a server, one every so often. */
  readonly checksToAdmit?: number;
  readonly checkIntervalMs?: number;
  /** How long a drain lasts by its own rule. */
  readonly drainDelayMs?: number;
  /** Why it could not be asked. */
  readonly untold?: string;
};

/** How long the parts of an earlier good rollout of the place took, each without its bake. */
export type PastRollout = {
  readonly strategy: StrategyName;
  /** Of each batch its slowest host. */
  readonly batchMs: readonly number[];
  /** Only where it pulled. */
  readonly prepareMs?: number;
  readonly switchMs?: number;
  readonly verifyMs?: number;
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
  /** The last good rollouts of the place, newest first. */
  readonly past?: readonly PastRollout[];
  /** Why the size of the image could not be learnt, where a host needs it. */
  readonly sizeUntold?: string;
  /** Secrets that the release or its canary needs and that are not there. */
  readonly missingSecrets?: readonly ErrorRecord[];
  /** The release goes where it was before, and nobody has kept what it ran with then. */
  readonly isConfiguredAnew?: boolean;
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
  /** At the most, where it is known. */
  readonly pullBytes?: number;
  /** Of the disk that it would be pulled to, where it was read. */
  readonly freeBytes?: number;
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
  /** How long a balancer is waited for that has to take a host back; absent in plans of earlier versions. */
  readonly admitTimeoutMs?: number;
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
