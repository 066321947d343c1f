import type { ErrorRecord } from "#core/errors.ts";
import type { NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import type { Plan } from "#core/plan.ts";
import type { Receipt } from "#core/receipt.ts";

/**
 * waiting -> running <-> paused (a person is asked)
 * running -> succeeded | failed (hosts put back) | stuck (put back failed; a person is needed)
 *          | superseded (a newer rollout goes on with its hosts) | aborted (a person left the hosts as they were)
 * waiting -> superseded | refused | cancelled
 */
export type RolloutState =
  | "waiting"
  | "running"
  | "paused"
  | "aborted"
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
  "aborted",
]);

export const isFinal = (state: RolloutState): boolean => finalStates.has(state);

/** `join`: a host that is new or came back gets the live release. `correct`: a person wants hosts that drifted put right. */
export const rolloutReasons = ["commit", "deploy", "rollback", "join", "correct"] as const;
export type RolloutReason = (typeof rolloutReasons)[number];

/** A rollout of some hosts to what is live anyway. */
export const isRepair = (reason: RolloutReason): boolean => reason === "join" || reason === "correct";
export const isForward = (reason: RolloutReason): boolean => reason === "commit" || reason === "deploy";

type Wanted = { readonly reason: RolloutReason; readonly release: number };

/**
 * Whether a rollout that is asked for now takes the place of one that only waits. A roll back takes that of all that
 * would go forward, and nothing takes its own but another roll back: a person's word outlives a commit. What goes
 * forward replaces no newer release.
 */
export function replacesWaiting(asked: Wanted, waiting: Wanted): boolean {
  if (isRepair(asked.reason) || isRepair(waiting.reason)) return false;
  if (asked.reason === "rollback") return true;
  return waiting.reason !== "rollback" && waiting.release <= asked.release;
}

/** What a person may want of a rollout that is paused. */
export const steerActions = ["retry", "exclude", "continue", "put-back", "roll-back", "abort"] as const;
export type SteerAction = (typeof steerActions)[number];

/** Why a rollout waits for a person, and what they may choose. */
export type Pause = {
  /** Which pause of this rollout it is, from 1: a choice made for an earlier one does nothing. */
  readonly number: number;
  readonly why: "failure" | "not-measured" | "asked";
  readonly message: string;
  readonly error?: ErrorRecord;
  readonly hosts: readonly string[];
  readonly choices: readonly SteerAction[];
  readonly since: string;
  /** When it is put back if nobody chooses. */
  readonly until: string;
};

/** What a rollout did to one host: what a put back needs to know. */
export type HostEnd = {
  readonly host: string;
  /** Names of the containers that ran before and were to be stopped, newest first. */
  readonly previous: readonly string[];
  /** The port the previous one is published at, where there was one. */
  readonly previousPort?: number;
  /** What made the first of them: should it be gone when it is wanted back, it is made anew. */
  readonly previousRelease?: number;
  readonly previousRollout?: number;
  /** The host had no traffic before, and nobody but its own program was the reason. */
  readonly wasDown?: boolean;
  /** The port the new one is, or was to be, published at. */
  readonly port: number;
  /** The release's container that is used again where it still ran beside the other one. */
  readonly reused?: string;
  /** Whether the old containers may have been stopped. */
  readonly isReplaced: boolean;
  readonly error?: ErrorRecord;
};

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
  /** Who asked for its end; it ends the act that is under way and puts back. */
  readonly cancelledBy?: string;
  /** Who asked for a pause; it pauses at its next gate. */
  readonly pauseAskedBy?: string;
  /** While it is paused. */
  readonly pause?: Pause;
  /** The plan that the person saw who asked for it. */
  readonly shownPlan?: Plan;
  /** Only these hosts of the group. */
  readonly onlyHosts?: readonly string[];
  /** Hosts that a person or the failure policy left out. */
  readonly excluded?: readonly string[];
  /** Which values of the release's secrets its containers got, by the secrets' names. */
  readonly secretVersions?: Readonly<Record<string, string>>;
  /** The variables its containers got: a roll back to its release gives them the same. */
  readonly runEnv?: Readonly<Record<string, string>>;
  /** What a superseded rollout did to its hosts: its successor puts them back with its own. */
  readonly touched?: readonly HostEnd[];
  /** Where those hosts are, whatever fleet.yaml says by then. */
  readonly touchedAt?: { readonly network: NetworkSpec; readonly group: ServiceGroup };
  /** While it waits: the rollout whose hosts it takes over. It must begin, if only to put them back. */
  readonly heirOf?: string;
  /** Every host is on the release and it can no longer be cancelled. */
  readonly isEnding?: boolean;
  /** The rollout that took its place. */
  readonly supersededBy?: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
};

export const hostSteps = ["drain", "replace", "check", "admit", "bake"] as const;
export type HostStep = (typeof hostSteps)[number];

export const rolloutSteps = [
  "plan",
  "announce",
  "approve",
  "hold",
  "prepare",
  "gate",
  "pause",
  "steer",
  "canary",
  "switch",
  "join",
  "verify",
  "put-back",
  "reap",
  "finish",
] as const;
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
