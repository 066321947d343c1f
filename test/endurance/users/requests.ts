import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Outcomes } from "./outcomes.ts";

const connections = 64;
const tickMs = 10;
const timeoutMs = 10_000;
/** A rate that cannot be kept is not piled up: what is due and has no room is not sent, and not counted as sent. */
const mostInFlight = 512;

export type RequestCount = {
  readonly requests: number;
  readonly answered: number;
  /** 5xx, refused, reset before an answer, or no answer in time. */
  readonly failed: number;
  /** Answers that began and broke off. */
  readonly cut: number;
};

/**
 * So many requests a second over kept connections, whether or not the earlier ones have been answered; POST, so that
 * nobody in between may repeat one, and each counted exactly once.
 */
export class Requests {
  // First in, first out: no connection rests so long that the balancer closes it just when it is used again.
  readonly #agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
  readonly #url: string;
  readonly #outcomes: Outcomes;
  readonly #sending: Promise<void>;
  readonly #inFlight = new Set<Promise<void>>();
  #isStopped = false;
  #requests = 0;
  #answered = 0;
  #cut = 0;

  constructor(url: string, rate: number, outcomes: Outcomes) {
    this.#url = url;
    this.#outcomes = outcomes;
    this.#sending = this.#send(rate);
  }

  get count(): RequestCount {
    const failed = this.#requests - this.#inFlight.size - this.#answered - this.#cut;
    return { requests: this.#requests - this.#inFlight.size, answered: this.#answered, failed, cut: this.#cut };
  }

  /** Every request that was sent has its outcome when it resolves, and no connection is left. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#sending;
    await Promise.all(this.#inFlight);
    this.#agent.destroy();
  }

  async #send(rate: number): Promise<void> {
    const startedAt = performance.now();
    let due = 0;
    while (!this.#isStopped) {
      const dueNow = Math.floor(((performance.now() - startedAt) * rate) / 1_000);
      for (; due < dueNow; due++) if (this.#inFlight.size < mostInFlight) this.#sendOne();
      await wait(tickMs);
    }
  }

  #sendOne(): void {
    this.#requests++;
    const one: Promise<void> = this.#ask().then((outcome) => {
      this.#inFlight.delete(one);
      if (outcome === "answered") this.#answered++;
      else if (outcome === "cut") this.#cut++;
    });
    this.#inFlight.add(one);
  }

  #ask(): Promise<"answered" | "failed" | "cut"> {
    return new Promise((resolve) => {
      const failed = (how: string) => {
        this.#outcomes.note(`request ${how}`);
        resolve("failed");
      };
      const asked = request(this.#url, { method: "POST", agent: this.#agent }, (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        response.on("end", () => (status >= 500 ? failed(`answered ${status}`) : resolve("answered")));
        response.on("error", (error) => {
          this.#outcomes.note(`answer broke off: ${error.message}`);
          resolve("cut");
        });
      });
      asked.setTimeout(timeoutMs, () => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)));
      asked.on("error", (error) => failed(error.message));
      asked.end("hello");
    });
  }
}
