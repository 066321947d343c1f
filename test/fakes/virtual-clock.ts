import type { Timers } from "#engine/acts.ts";
import type { Clock } from "#ports/clock.ts";

type Waiter = { readonly at: number; readonly order: number; readonly wake: () => void };

/**
 * Time that passes only when nobody has anything to do: a rollout of an hour takes milliseconds, and every run of a
 * simulation goes the same way.
 */
export class VirtualClock implements Clock, Timers {
  #now = Date.UTC(2026, 0, 1);
  #order = 0;
  #waiters: Waiter[] = [];
  #isStopped = false;

  constructor() {
    this.#tick();
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const clear = this.after(ms, () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
      const onAbort = () => {
        clear();
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  after(ms: number, then: () => void): () => void {
    const waiter = { at: this.#now + Math.max(0, ms), order: this.#order++, wake: then };
    this.#waiters.push(waiter);
    return () => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
    };
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** One waiter is woken a turn of the event loop, so that everything it leads to happens before the next. */
  #tick(): void {
    if (this.#isStopped) return;
    const next = this.#waiters.reduce<Waiter | undefined>(
      (first, waiter) =>
        !first || waiter.at < first.at || (waiter.at === first.at && waiter.order < first.order) ? waiter : first,
      undefined,
    );
    if (next) {
      this.#waiters = this.#waiters.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    setImmediate(() => this.#tick());
  }
}
