import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "#ports/clock.ts";
import { steadyClock } from "./steady-clock.ts";

/**
 * From now on `Date.now` never goes back in this process. DBOS's queues compute their next look by it: once the
 * machine's clock was set back by an hour, nothing that waits would start for an hour.
 */
export function keepTimeSteady(): void {
  const machine = Date.now.bind(Date);
  Date.now = steadyClock({ wall: machine, steady: () => performance.now() });
}

/** The machine's own clock, of which a jump is not seen. */
export function systemClock(): Clock {
  return {
    now: steadyClock({ wall: () => Date.now(), steady: () => performance.now() }),
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
