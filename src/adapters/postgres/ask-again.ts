import { setTimeout as wait } from "node:timers/promises";
import { isAway, type Patience, patienceMs, retryMs } from "./away.ts";

/**
 * The same records, which are asked again when PostgreSQL went away while it was to answer. Each of them may be: an act
 * that a kill of the server interrupted is done again too, with all that it records.
 *
 * @returns records whose promises reject as before, but with the loss of PostgreSQL only when it stays away
 */
export function askAgain<T extends object>(records: T, limits: Patience = { patienceMs, retryMs }): T {
  const patiently =
    (ask: (...wish: unknown[]) => Promise<unknown>) =>
    async (...wish: unknown[]) => {
      const giveUpAt = performance.now() + limits.patienceMs;
      for (;;) {
        try {
          return await ask(...wish);
        } catch (error) {
          if (!isAway(error) || performance.now() > giveUpAt) throw error;
          await wait(limits.retryMs);
        }
      }
    };
  return Object.fromEntries(Object.entries(records).map(([name, ask]) => [name, patiently(ask)])) as T;
}
