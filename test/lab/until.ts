import { setTimeout as wait } from "node:timers/promises";

const lookEveryMs = 10;

export interface Patience {
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Looks again and again until the answer is there; an error that says what was missing when the limit passes. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  { limitMs, signal }: Patience,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await look();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`Waited ${limitMs} ms in vain: ${what}`);
    await wait(lookEveryMs, undefined, signal ? { signal } : {});
  }
}
