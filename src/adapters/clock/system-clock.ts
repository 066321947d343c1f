import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "#ports/clock.ts";

/** The machine's own clock. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms, signal) {
      try {
        await wait(ms, undefined, { signal });
      } catch (error) {
        // node rejects with an AbortError of its own; the port promises the signal's reason.
        signal.throwIfAborted();
        throw error;
      }
    },
  };
}
