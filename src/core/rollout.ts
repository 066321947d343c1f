import type { ErrorRecord } from "#core/errors.ts";
import type { Plan } from "#core/plan.ts";
import type { Receipt } from "#core/receipt.ts";

/**
 * waiting -> running -> succeeded | failed (hosts put back) | stuck (put back failed; a person is needed)
 * waiting -> superseded | refused | cancelled
 */
export type RolloutState =
  | "waiting"
  | "running"
  | "succeeded"
  | "failed"
  | "stuck"
  | "superseded"
  | "refused"
  | "cancelled";

const finalStates: ReadonlySet<RolloutState> = new Set([
  "succeeded",
  "failed",
  "stuck",
  "superseded",
  "refused",
  "cancelled",
]);

export const isFinal = (state: RolloutState): boolean => finalStates.has(state);

export type RolloutReason = "commit" | "deploy" | "rollback";

/** The durable act of moving one service in one environment to a release. */
export type Rollout = {
  readonly id: string;
  readonly number: number;
  readonly service: string;
  readonly environment: string;
  readonly release: number;
  /** The release that was live before, where there was one. */
  readonly previousRelease?: number;
  readonly reason: RolloutReason;
  /** Who asked: `commit 1a2b3c4 on main`, or the name a person gave. */
  readonly by: string;
  readonly state: RolloutState;
  readonly plan?: Plan;
  readonly error?: ErrorRecord;
  readonly receipt?: Receipt;
  /** Who asked for its end; it ends at its next gate. */
  readonly cancelledBy?: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
};

export const hostSteps = ["drain", "replace", "check", "admit", "bake"] as const;
export type HostStep = (typeof hostSteps)[number];

export const rolloutSteps = ["plan", "announce", "approve", "hold", "prepare", "verify", "put-back", "finish"] as const;
export type RolloutStep = (typeof rolloutSteps)[number];

export type Direction = "forward" | "back";

/** One line of a rollout's timeline: an act on the whole rollout (no `host`) or on one host. */
export type TimelineEvent = {
  /** Grows by one; what a follower resumes from. */
  readonly seq: number;
  readonly rolloutId: string;
  readonly at: string;
  readonly step: HostStep | RolloutStep;
  readonly host?: string;
  readonly direction?: Direction;
  readonly phase: "started" | "progress" | "succeeded" | "failed";
  /** Which try of the step this is, from 1: 2 or more after the server was killed in the middle of it. */
  readonly attempt: number;
  readonly message?: string;
  readonly error?: ErrorRecord;
};
