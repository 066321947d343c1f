import { setTimeout as wait } from "node:timers/promises";
import type { Outcomes } from "./outcomes.ts";

const sayEveryMs = 500;
const silenceLimitMs = 10_000;
const openLimitMs = 10_000;
const againMs = 20;
/** By RFC 6455 a connection that ended without a close frame; no program can send this code. */
const noCloseFrame = 1006;

export type WebsocketCount = {
  /** Open now. */
  readonly open: number;
  readonly opened: number;
  /** The service said goodbye with a close frame, and the client came back. */
  readonly closed: number;
  /** Ended without a close frame, or fell silent. */
  readonly cut: number;
  /** Could not be opened. */
  readonly refused: number;
  readonly messages: number;
};

type End = "closed" | "cut" | "refused";

/** Clients that hold a websocket open, say something now and then, and come back when the service closes it. */
export class Websockets {
  readonly #url: string;
  readonly #outcomes: Outcomes;
  readonly #clients: Promise<void>[];
  readonly #open = new Set<WebSocket>();
  readonly #stop = new AbortController();
  #opened = 0;
  #messages = 0;
  readonly #ends: Record<End, number> = { closed: 0, cut: 0, refused: 0 };

  constructor(url: string, clients: number, outcomes: Outcomes) {
    this.#url = url.replace(/^http/, "ws");
    this.#outcomes = outcomes;
    this.#clients = Array.from({ length: clients }, () => this.#client());
  }

  get count(): WebsocketCount {
    return { open: this.#open.size, opened: this.#opened, ...this.#ends, messages: this.#messages };
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const socket of this.#open) socket.close();
    await Promise.all(this.#clients);
  }

  async #client(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const end = await this.#live();
      if (this.#stop.signal.aborted) return;
      this.#ends[end]++;
      await wait(againMs);
    }
  }

  /** One websocket from its opening to its end. */
  #live(): Promise<End> {
    const socket = new WebSocket(this.#url);
    let isOpen = false;
    let heardAt = performance.now();
    const talk = setInterval(() => {
      if (isOpen && socket.readyState === WebSocket.OPEN) socket.send("hello");
      if (performance.now() - heardAt > (isOpen ? silenceLimitMs : openLimitMs)) socket.close();
    }, sayEveryMs);
    socket.addEventListener("open", () => {
      isOpen = true;
      heardAt = performance.now();
      this.#opened++;
      this.#open.add(socket);
    });
    socket.addEventListener("message", () => {
      heardAt = performance.now();
      this.#messages++;
    });
    return new Promise((resolve) => {
      socket.addEventListener("close", ({ code, wasClean }) => {
        clearInterval(talk);
        this.#open.delete(socket);
        const isSilent = performance.now() - heardAt > silenceLimitMs;
        const isCut = code === noCloseFrame || !wasClean || isSilent;
        const end = !isOpen ? "refused" : isCut ? "cut" : "closed";
        if (end !== "closed" && !this.#stop.signal.aborted)
          this.#outcomes.note(`websocket ${end}: ${isSilent ? "silent" : code}`);
        resolve(end);
      });
      // Each error is followed by a close; without a listener it would be printed.
      socket.addEventListener("error", () => undefined);
    });
  }
}
