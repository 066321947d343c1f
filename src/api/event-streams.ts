import type { ServerResponse } from "node:http";
import { SlipwayError } from "#core/errors.ts";
import { type Change, ChangeRing } from "./change-ring.ts";

export type StreamLimits = {
  readonly streams: number;
  readonly ringSize: number;
  readonly pingMs: number;
  /** What a client may leave unread before it is dropped; it comes back with its Last-Event-ID. */
  readonly unreadBytes: number;
};

export const defaultStreamLimits: StreamLimits = {
  streams: 200,
  ringSize: 1_000,
  pingMs: 15_000,
  unreadBytes: 64 * 1024,
};

type Follow = (onChange: (topic: string) => void) => () => void;

/** Every open Server-Sent Events stream of this server. Disposing ends them all and stops following. */
export class EventStreams {
  readonly #limits: StreamLimits;
  readonly #ring: ChangeRing;
  readonly #open = new Set<ServerResponse>();
  readonly #unfollow: () => void;
  readonly #pings: NodeJS.Timeout;

  constructor(follow: Follow, limits: StreamLimits) {
    this.#limits = limits;
    this.#ring = new ChangeRing(limits.ringSize, Date.now());
    this.#unfollow = follow((topic) => this.#sendAll(changeText(this.#ring.add(topic))));
    this.#pings = setInterval(() => this.#sendAll(": ping\n\n"), limits.pingMs);
    this.#pings.unref();
  }

  get count(): number {
    return this.#open.size;
  }

  /** Refuses one stream too many, so that followers cannot use up the server's sockets. Call it before `open`. */
  assertRoom(): void {
    if (this.#open.size < this.#limits.streams) return;
    throw new SlipwayError(
      "server.busy",
      `Could not follow changes: ${this.#open.size} clients follow already, which is the limit.`,
    );
  }

  /** Answers with a stream: first what was missed since `lastEventId`, then every change until either side ends. */
  open(response: ServerResponse, headers: Readonly<Record<string, string>>, lastEventId: string | undefined): void {
    response.writeHead(200, {
      ...headers,
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    });
    response.on("close", () => this.#open.delete(response));
    // A reset connection is an ordinary end of a stream: "close" follows and takes it off the list.
    response.on("error", () => response.destroy());
    this.#open.add(response);
    this.#send(response, `retry: 2000\nid: ${this.#ring.lastId}\n\n${this.#missed(lastEventId)}`);
  }

  [Symbol.dispose](): void {
    this.#unfollow();
    clearInterval(this.#pings);
    for (const response of this.#open) response.end();
    this.#open.clear();
  }

  #missed(lastEventId: string | undefined): string {
    if (lastEventId === undefined) return "";
    const changes = this.#ring.after(/^\d+$/.test(lastEventId) ? Number(lastEventId) : Number.NaN);
    if (changes) return changes.map(changeText).join("");
    const id = this.#ring.lastId;
    return `${changeText({ id, topic: "overview" })}id: ${id}\nevent: resync\ndata: {}\n\n`;
  }

  #sendAll(text: string): void {
    for (const response of this.#open) this.#send(response, text);
  }

  #send(response: ServerResponse, text: string): void {
    if (response.write(text) || response.writableLength <= this.#limits.unreadBytes) return;
    this.#open.delete(response);
    response.destroy();
  }
}

const changeText = ({ id, topic }: Change): string =>
  `id: ${id}\nevent: change\ndata: ${JSON.stringify({ topic })}\n\n`;
