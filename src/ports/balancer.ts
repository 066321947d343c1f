import type { BalancerSpec, NetworkSpec } from "#core/fleet.ts";

/** One balancer, and how to get to it. */
export type BalancerAt = { readonly network: NetworkSpec; readonly balancer: BalancerSpec };

export type ServerSight = {
  readonly server: string;
  /**
   * `in-service`: gets new requests. `draining`: gets none, may still have some in flight. `maintenance`: switched off.
   * `down`: the balancer's own check fails. `checking`: no verdict yet.
   */
  readonly state: "in-service" | "draining" | "maintenance" | "down" | "checking";
  readonly inFlight: number;
  /** Whether the balancer's latest check of the server was good; undefined where it has no check. */
  readonly checkOk?: boolean;
  /** What it has answered since the balancer's start, where the balancer counts by server. */
  readonly served?: { readonly requests: number; readonly failed: number };
  /** The balancer's own words, e.g. `L7STS/503 Service Unavailable`. */
  readonly reason: string;
  /**
   * ISO time at which the balancer's process started, to the second; it forgets drains when it does so again. Absent
   * where there is no process that could forget (a balancer in the cloud).
   */
  readonly balancerStartedAt?: string;
};

/** Counters of a backend since its start; two readings are subtracted, and a restart in between shows as `startedAt`. */
export type BalancerCounters = {
  readonly requests: number;
  /** 5xx answers, connection errors, response errors. */
  readonly failed: number;
  /** Answers that the server broke off. */
  readonly cut: number;
  /** ISO time of the balancer's start. */
  readonly startedAt: string;
};

/**
 * What a balancer itself tells of its times, for the checks of a plan. Each is absent where the balancer does not tell
 * it or has not yet seen it; a plan says then that it could not check, and does not guess.
 */
export type BalancerTimers = {
  /**
   * The longest that a request was seen to take. HAProxy: `rtime_max` of the backend, from the request's going to a
   * server to the answer's head; in `mode tcp` `ttime_max`, the longest connection. It is a lower bound: a long
   * download, a stream and a websocket go on after their head. (Of `mode http`, `ttime_max` is no measure: it was seen
   * to count the time for which a kept connection waited for its next request.)
   */
  readonly longestRequestMs?: number;
  /** The longest that a request was seen to wait for a free server. HAProxy: `qtime_max`. */
  readonly longestQueueMs?: number;
  /** How many good checks in a row admit a server (HAProxy: `check_rise`), and how many bad ones take it out. */
  readonly checksToAdmit?: number;
  readonly checksToFail?: number;
  /** How long the slowest of the servers' latest checks took. HAProxy: `check_duration`. */
  readonly checkTookMs?: number;
  /** The time between two checks. HAProxy 2.6 tells it nowhere in its runtime API; AWS does. */
  readonly checkIntervalMs?: number;
  /** How long a drain lasts by the balancer's own rule, whatever is in flight. HAProxy has none; AWS does. */
  readonly drainDelayMs?: number;
  /** Since when the longest times were looked for: the start of the process. ISO time. */
  readonly since?: string;
};

/** How a question is asked while a rollout is at work. */
export type Patience = {
  /** For how long a balancer that gives no answer is asked again before that is a failure. */
  readonly outageMs: number;
};

/**
 * A load balancer in front of the hosts. An accepted command is no proof: every verb reads the state back before it
 * resolves. Each may be called again. All fail with balancer.unreachable, balancer.unknown-server,
 * bastion.unreachable, host.unreachable or deadline.exceeded; aborting the signal rejects with its reason.
 *
 * The four verbs that change something belong to a rollout, which a restart of the balancer must not end: while it
 * gives no answer they ask again, until their signal is aborted or a minute has passed without any. The three that
 * only ask (`look`, `counters`, `timers`) belong to people and plans as well and fail at the first silence, unless
 * `look` is told to be patient.
 *
 * A server that is switched off is in maintenance, whether a person did it or the configuration says so (`disabled`):
 * balancers do not tell the two apart. `drain` leaves it so; `admit` and `undrain` end it.
 */
export interface Balancer {
  /** Every server of the backend. */
  look(at: BalancerAt, signal: AbortSignal, patience?: Patience): Promise<readonly ServerSight[]>;
  /**
   * New requests no longer go to the server and none is in flight when it resolves. Polls without an end: the signal
   * carries the deadline. A balancer that forgets the drain meanwhile is told again. `onProgress` hears how many are
   * still in flight, at least once a second; and, while the balancer gives no answer, also its `trouble` in words.
   */
  drain(
    at: BalancerAt,
    server: string,
    signal: AbortSignal,
    onProgress?: (inFlight: number, trouble?: string) => void,
  ): Promise<void>;
  /**
   * Whatever the balancer believed of the server's health is forgotten: only a check made after this call can make it
   * admissible. Called when the old container has stopped and the new one has not started.
   */
  distrust(at: BalancerAt, server: string, signal: AbortSignal): Promise<void>;
  /**
   * The balancer's own fresh check of the server is good, and read back it has the server in service. Polls without an
   * end: the signal carries the deadline. `onProgress` hears the balancer's words.
   */
  admit(at: BalancerAt, server: string, signal: AbortSignal, onProgress?: (reason: string) => void): Promise<void>;
  /**
   * The server is no longer drained or switched off; whether it serves is up to the balancer's own check. For a host
   * on which nothing runs any more: `admit` would wait for a health that cannot come.
   */
  undrain(at: BalancerAt, server: string, signal: AbortSignal): Promise<void>;
  /** The backend's counters now. */
  counters(at: BalancerAt, signal: AbortSignal): Promise<BalancerCounters>;
  /** The backend's own times now. */
  timers(at: BalancerAt, signal: AbortSignal): Promise<BalancerTimers>;
}
