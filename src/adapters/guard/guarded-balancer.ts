import type { Balancer } from "#ports/balancer.ts";

/** Resolves while this server is the only one on its database; waits until it is so again, or the signal is aborted. */
export type AloneCheck = (signal: AbortSignal) => Promise<void>;

/**
 * Orders only from the server that holds the database. A host refuses an older turn by its fence; a balancer knows no
 * turns, so a server that was cut off from its database gives it no order at all. Questions change nothing and pass.
 */
export function guardedBalancer(balancer: Balancer, alone: AloneCheck): Balancer {
  return {
    look: (at, signal, patience) => balancer.look(at, signal, patience),
    counters: (at, signal) => balancer.counters(at, signal),
    timers: (at, signal) => balancer.timers(at, signal),
    async drain(at, server, signal, onProgress) {
      await alone(signal);
      await balancer.drain(at, server, signal, onProgress);
    },
    async distrust(at, server, signal) {
      await alone(signal);
      await balancer.distrust(at, server, signal);
    },
    async admit(at, server, signal, onProgress) {
      await alone(signal);
      await balancer.admit(at, server, signal, onProgress);
    },
    async undrain(at, server, signal) {
      await alone(signal);
      await balancer.undrain(at, server, signal);
    },
  };
}
