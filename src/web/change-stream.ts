import { EventSourceParserStream } from "eventsource-parser/stream";
import { headersFor } from "./api.ts";

export type ChangeListener = {
  /** A topic that changed. */
  readonly onChange: (topic: string) => void;
  /** Anything may have changed: the stream is open again, or the server no longer knows what was missed. */
  readonly onResync: () => void;
  readonly onConnected: (isConnected: boolean) => void;
};

const retryMs = 2_000;
// The server pings every 15 s; three lost pings are a lost connection, whatever TCP believes.
const silenceMs = 50_000;

/**
 * Follows the server's changes until `signal` aborts, through every loss of the connection. Not the browser's own
 * EventSource: that cannot send the token, which a server asks for when it does not listen on loopback.
 */
export async function followChanges(listener: ChangeListener, signal: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  while (!signal.aborted) {
    try {
      await readStream(listener, { lastId, seen: (id) => (lastId = id) }, signal);
    } catch {
      // Every reason is the same to the reader: the page says that it is not connected, and tries again.
    }
    if (signal.aborted) return;
    listener.onConnected(false);
    await pause(retryMs, signal);
  }
}

type Place = { readonly lastId: string | undefined; readonly seen: (id: string) => void };

async function readStream(listener: ChangeListener, place: Place, signal: AbortSignal): Promise<void> {
  const silence = new Silence();
  const response = await fetch("/api/events", {
    headers: {
      ...headersFor(false),
      Accept: "text/event-stream",
      ...(place.lastId === undefined ? {} : { "Last-Event-ID": place.lastId }),
    },
    cache: "no-store",
    signal: AbortSignal.any([signal, silence.signal]),
  });
  if (!response.ok || !response.body) throw new Error(`the stream of changes answered ${response.status}`);
  listener.onConnected(true);
  listener.onResync();
  const events = response.body
    .pipeThrough(new TransformStream({ transform: (chunk, out) => hearing(silence, chunk, out) }))
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  try {
    for await (const event of events) {
      if (event.id !== undefined) place.seen(event.id);
      if (event.event === "resync") listener.onResync();
      else listener.onChange(topicIn(event.data));
    }
  } finally {
    silence.end();
  }
}

function hearing<T>(silence: Silence, chunk: T, out: TransformStreamDefaultController<T>): void {
  silence.broken();
  out.enqueue(chunk);
}

/** `{"topic": "rollout/7"}`; what cannot be read may mean anything, so it means everything at a glance. */
function topicIn(text: string): string {
  try {
    const { topic } = JSON.parse(text) as { topic?: unknown };
    return typeof topic === "string" ? topic : "overview";
  } catch {
    // Not ours to report: the next read of the overview shows whatever is true.
    return "overview";
  }
}

/** Aborts when nothing has come for too long. */
class Silence {
  readonly #abort = new AbortController();
  #timer = setTimeout(() => this.#abort.abort(), silenceMs);

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(), silenceMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
  });
