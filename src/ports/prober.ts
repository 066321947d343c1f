import type { TrafficCount } from "#core/receipt.ts";

/**
 * Sends requests through the balancer as a user would, one every so many milliseconds, each on its own or a kept
 * connection, POST-free, never retried, so that every one of them is counted exactly once.
 */
export interface Prober {
  /** Starts at once; `onCount` gets the running totals at least every 500 ms and once more at the end. */
  start(target: { url: string; everyMs: number }, onCount: (total: TrafficCount) => void): Probe;
}

export interface Probe {
  /** Waits for the requests in flight (at most 10 s) and resolves with the totals. Safe to call twice. */
  stop(): Promise<TrafficCount>;
}
