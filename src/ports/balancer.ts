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
 * A load balancer in front of the hosts. An accepted command is no proof: every verb reads the state back before it
 * resolves. Each may be called again. All fail with balancer.unreachable, balancer.unknown-server,
 * bastion.unreachable, host.unreachable or deadline.exceeded; aborting the signal rejects with its reason.
 */
export interface Balancer {
  /** Every server of the backend. */
  look(at: BalancerAt, signal: AbortSignal): Promise<readonly ServerSight[]>;
  /**
   * New requests no longer go to the server and none is in flight when it resolves. Polls without an end: the signal
   * carries the deadline. `onProgress` hears how many are still in flight, at least once a second.
   */
  drain(at: BalancerAt, server: string, signal: AbortSignal, onProgress?: (inFlight: number) => void): Promise<void>;
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
}
