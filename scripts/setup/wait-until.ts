import { setTimeout as wait } from "node:timers/promises";

/**
 * Resolves with the first value of `look` that is neither undefined nor false. At the deadline it rejects with what
 * `otherwise` says, so that the error can carry the last lines of what was waited for.
 */
export const waitUntil = async <T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs: number,
  otherwise: () => string | Promise<string>,
  everyMs = 50,
): Promise<T> => {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() >= end) throw new Error(await otherwise());
    await wait(everyMs);
  }
};
