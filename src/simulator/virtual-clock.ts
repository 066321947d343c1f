import type { Timers } from "#engine/acts.ts";
import type { Clock } from "#ports/clock.ts";

/** More wakings than any rollout of 200 hosts needs: what goes on after that goes on for ever. */
const wakingsAllowed = 5_000_000;
/** So many wakings in a row before the event loop gets a turn: a test's own deadline must be able to end it. */
const wakingsInARow = 20_000;

type Waiter = { readonly at: number; readonly order: number; wake: (() => void) | undefined };

/**
 * Time that passes only when nobody has anything to do: a rollout of an hour takes a millisecond, and every run of a
 * simulation goes the same way. `run` wakes one waiter after the other, each when all that the one before led to has
 * happened, until nobody waits any more.
 */
export class VirtualClock implements Clock, Timers {
  #now = Date.UTC(2026, 0, 1);
  #order = 0;
  #wakings = 0;
  readonly #heap: Waiter[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        clear();
        reject(signal.reason);
      };
      const clear = this.after(ms, () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  after(ms: number, then: () => void): () => void {
    const waiter: Waiter = { at: this.#now + Math.max(0, ms), order: this.#order++, wake: then };
    push(this.#heap, waiter);
    return () => {
      waiter.wake = undefined;
    };
  }

  /** Resolves when nobody waits any more: whatever has not ended by then never will. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      // A tick of the process follows when the queue of promises is empty; a turn of the event loop would cost 50 x more.
      const settleThen = (next: () => void) => queueMicrotask(() => process.nextTick(next));
      const step = () => {
        const waiter = this.#next();
        if (!waiter?.wake) return resolve();
        if (++this.#wakings > wakingsAllowed) return reject(new Error("the simulated time never stops passing"));
        this.#now = Math.max(this.#now, waiter.at);
        waiter.wake();
        if (this.#wakings % wakingsInARow === 0) setImmediate(step);
        else settleThen(step);
      };
      settleThen(step);
    });
  }

  #next(): Waiter | undefined {
    for (;;) {
      const waiter = pop(this.#heap);
      if (!waiter || waiter.wake) return waiter;
    }
  }
}

const isBefore = (a: Waiter, b: Waiter): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Waiter[], waiter: Waiter): void {
  let at = heap.push(waiter) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (!above || !isBefore(waiter, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = waiter;
}

function pop(heap: Waiter[]): Waiter | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!first || !last || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const child = firstChild(heap, at);
    const below = heap[child];
    if (!below || !isBefore(below, last)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
  return first;
}

function firstChild(heap: readonly Waiter[], at: number): number {
  const left = 2 * at + 1;
  const [a, b] = [heap[left], heap[left + 1]];
  return a && b && isBefore(b, a) ? left + 1 : left;
}
