import type { LabStage } from "../../../demo/lab-scene.ts";
import type { ErrorCode } from "../../../src/core/errors.ts";
import type { HostStep, RolloutState, SteerAction } from "../../../src/core/rollout.ts";

/** One fault of the world, when it happens, and the end that is written down for it. */
export type FaultCase = {
  readonly name: string;
  /** Once the rollout has begun that; absent: before the commit. */
  readonly when?: { readonly host?: string; readonly step: HostStep | "prepare" };
  fault(stage: LabStage): Promise<void>;
  /** After so long; absent: once the rollout has ended. Absent altogether: the world heals by itself. */
  readonly heal?: { readonly afterMs?: number; do(stage: LabStage): Promise<void> };
  /** The rollout pauses on it: what a person chooses once the world is whole again. */
  readonly choose?: SteerAction;
  /** The end that is written down, or the few that are all right: where a fault hits between two acts is chance. */
  readonly expected: readonly Expected[];
};

export type Expected = {
  /** `build-failed`: there is no release, so no rollout. */
  readonly state: RolloutState | "build-failed";
  /** Any of these: which of them depends on who notices first. */
  readonly codes?: readonly ErrorCode[];
  /** The host that the error names. */
  readonly host?: string;
  /** What every host runs and serves once the world is whole again. */
  readonly hosts: "new" | "old";
  /** Hosts that differ from that. */
  readonly except?: Readonly<Record<string, "new" | "old" | "none">>;
  /** Hosts that must get no requests once all is over: their drain is still held, and a person is told. */
  readonly outOfService?: readonly string[];
  /** A host whose power is cut while it serves loses what is in flight there, and what is sent before the balancer notices. */
  readonly losesRequestsOn?: string;
  /** The balancer itself is gone for a moment: what users send meanwhile reaches nobody. */
  readonly isBalancerAway?: boolean;
};

export type Lost = { readonly requests: number; readonly lost: number; readonly words: readonly string[] };

/** What was seen of one case; everything the verdict needs. */
export type Seen = {
  readonly state: string;
  readonly code: string | undefined;
  readonly host: string | undefined;
  readonly message: string | undefined;
  /** Of each host: the release that its one running container is of; 0 when none runs. */
  readonly runs: Readonly<Record<string, number>>;
  readonly oldRelease: number;
  readonly newRelease: number;
  readonly inService: readonly string[];
  readonly holds: readonly string[];
  /** Without those of `lostApart`. */
  readonly users: Lost;
  /** Requests that users lost on the host whose power was cut while it served, or at a balancer that was gone. */
  readonly lostApart: number;
  /** Requests that the balancer lost, by server. */
  readonly lostOn: Readonly<Record<string, number>>;
  readonly seconds: number;
};
