import { isWorldsAnswer } from "./replies.ts";

/**
 * What several callers want at once is done once. Each waits by its own signal; an attempt that ended only because its
 * first caller's time was over is made again for the others, one that the world refused is refused to all.
 */
export class SharedAttempts<T> {
  readonly #attempts = new Map<string, Promise<T>>();
  readonly #made = new Map<string, T>();

  async get(key: string, make: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const shared = this.#attempts.get(key);
    const attempt = shared ?? make();
    this.#attempts.set(key, attempt);
    try {
      const item = await (shared ? untilAborted(attempt, signal) : attempt);
      if (this.#attempts.get(key) === attempt) this.#made.set(key, item);
      return item;
    } catch (error) {
      if (signal.aborted && shared) throw error;
      if (this.#attempts.get(key) === attempt) this.#attempts.delete(key);
      if (shared && !isWorldsAnswer(error)) return this.get(key, make, signal);
      throw error;
    }
  }

  /** What an attempt has made, unless it was forgotten. */
  made(key: string): T | undefined {
    return this.#made.get(key);
  }

  /** The next caller makes a new one. Resolves with what came of the old one, if anything did. */
  forget(key: string): Promise<T | undefined> {
    const attempt = this.#attempts.get(key);
    this.#attempts.delete(key);
    this.#made.delete(key);
    // Its callers were told why.
    return attempt?.catch(() => undefined) ?? Promise.resolve(undefined);
  }

  async forgetAll(): Promise<T[]> {
    const found = await Promise.all([...this.#attempts.keys()].map((key) => this.forget(key)));
    return found.filter((item) => item !== undefined);
  }
}

async function untilAborted<T>(attempt: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([attempt, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
