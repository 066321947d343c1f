import { setTimeout as sleep } from "node:timers/promises";
import { CliError } from "./cli-error.ts";
import type { Client } from "./client.ts";

/** What to follow: what is read is shown at once and again after each change, until it has ended. */
export type Followed<T> = {
  readonly concerns: (topic: string) => boolean;
  readonly read: () => Promise<T>;
  readonly show: (value: T) => void;
  readonly hasEnded: (value: T) => boolean;
};

const safetyReadMs = 5_000;
const reconnectMs = 1_000;
/** A server that is started again meanwhile carries on with its rollouts; so do we. */
const patienceMs = 60_000;
/** Changes come in bursts; this many milliseconds lie between two reads at least. */
const calmMs = 100;

/** Resolves with the last value once it has ended, or with undefined when a person stopped following. */
export const follow = async <T>(client: Client, followed: Followed<T>, stop: AbortSignal): Promise<T | undefined> => {
  const bell = new Bell();
  const done = new AbortController();
  const signal = AbortSignal.any([stop, done.signal]);
  const listening = listen(client, followed, bell, signal);
  try {
    let value = await followed.read();
    for (;;) {
      followed.show(value);
      if (followed.hasEnded(value)) return value;
      await bell.wait(safetyReadMs, signal);
      await pause(calmMs, signal);
      value = await readPatiently(followed.read, signal);
    }
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  } finally {
    done.abort();
    await listening;
  }
};

const listen = async <T>(client: Client, followed: Followed<T>, bell: Bell, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    try {
      for await (const topic of client.changes(() => bell.ring(), signal)) {
        if (followed.concerns(topic)) bell.ring();
      }
    } catch {
      // The stream only saves time: whatever is wrong with the server, the next read says it.
    }
    bell.ring();
    await sleep(reconnectMs, undefined, { signal }).catch(() => undefined);
  }
};

const readPatiently = async <T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const away = error instanceof CliError && ["server.unreachable", "server.busy"].includes(error.error.code);
      if (!away || Date.now() > until) throw error;
      await pause(reconnectMs, signal);
    }
  }
};

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal });

/** Remembers that it rang until somebody waits for it. */
class Bell {
  #rung = false;
  #wake: () => void = () => {};

  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  async wait(limitMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#rung) {
      const woken = Promise.withResolvers<void>();
      this.#wake = () => woken.resolve();
      const timer = setTimeout(woken.resolve, limitMs);
      signal.addEventListener("abort", this.#wake, { once: true });
      await woken.promise;
      signal.removeEventListener("abort", this.#wake);
      clearTimeout(timer);
    }
    this.#rung = false;
    signal.throwIfAborted();
  }
}
