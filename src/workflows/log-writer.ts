import type { World } from "#workflows/world.ts";

/** A burst of small writes becomes one; a person who follows sees it at once all the same. */
const flushMs = 100;
const flushBytes = 64 * 1024;
/** Text is held back by so much, so that a secret cut in two by a chunk's end is still masked. */
const heldBack = 4 * 1024;

/** Collects text for a log, masks it, and appends it in order. */
export function logWriter(world: World, logId: string): { write(text: string): void; close(): Promise<void> } {
  let waiting = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let appending: Promise<unknown> = Promise.resolve();
  const append = (text: string) => {
    if (text.length === 0) return;
    const write = () => world.logs.append(logId, world.mask(text));
    appending = appending.then(write);
    // Told of by close(). Until then nobody waits for it, and a rejection that nobody waits for ends the server.
    appending.catch(() => {});
  };
  /** Whole lines only, unless one is longer than any secret could be. */
  const flush = () => {
    timer = undefined;
    const end = waiting.lastIndexOf("\n") + 1;
    const cut = end > 0 ? end : waiting.length > heldBack * 2 ? waiting.length - heldBack : 0;
    append(waiting.slice(0, cut));
    waiting = waiting.slice(cut);
  };
  return {
    write(text) {
      waiting += text;
      if (waiting.length > flushBytes) flush();
      else timer ??= setTimeout(flush, flushMs);
    },
    async close() {
      clearTimeout(timer);
      append(waiting);
      waiting = "";
      await appending;
    },
  };
}
