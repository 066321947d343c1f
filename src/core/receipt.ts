import type { HostStep } from "#core/rollout.ts";

/** Requests as one observer counted them. */
export type TrafficCount = {
  readonly requests: number;
  /** Answered with a 5xx, refused, or not answered in time. */
  readonly failed: number;
  /** The connection ended in the middle of an answer. */
  readonly cut: number;
};

export type HostReceipt = {
  readonly host: string;
  readonly outcome: "released" | "put-back" | "untouched" | "failed";
  /** Milliseconds of each step that ran, of the forward direction; a repeated step counts every try. */
  readonly stepsMs: Readonly<Partial<Record<HostStep, number>>>;
  readonly putBackMs?: number;
  /** Tries beyond the first, after the server was killed. */
  readonly repeated: number;
};

/** The proof of a rollout. `version` grows when a field changes its meaning. */
export type Receipt = {
  readonly version: 1;
  readonly rollout: number;
  readonly service: string;
  readonly environment: string;
  readonly release: number;
  readonly previousRelease?: number;
  readonly commit: string;
  readonly image: string;
  readonly by: string;
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
  readonly longestDrainMs: number;
  readonly hosts: readonly HostReceipt[];
};
