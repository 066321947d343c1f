import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

export type TrafficTotal = { readonly requests: number; readonly failed: number; readonly cut: number };

const clients = 8;
const defaultPauseMs = 10;
const timeoutMs = 10_000;

/**
 * Users of the service: each sends one request after the other on a kept connection, POST so that nobody in between
 * may repeat it, and counts every one exactly once.
 */
export class Traffic {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: clients });
  readonly #url: string;
  readonly #pauseMs: number;
  readonly #running: Promise<void>[];
  #isStopped = false;
  #requests = 0;
  #failed = 0;
  #cut = 0;

  constructor(url: string, pauseMs = defaultPauseMs) {
    this.#url = url;
    this.#pauseMs = pauseMs;
    this.#running = Array.from({ length: clients }, () => this.#client());
  }

  get total(): TrafficTotal {
    return { requests: this.#requests, failed: this.#failed, cut: this.#cut };
  }

  async stop(): Promise<TrafficTotal> {
    this.#isStopped = true;
    await Promise.all(this.#running);
    this.#agent.destroy();
    return this.total;
  }

  async #client(): Promise<void> {
    while (!this.#isStopped) {
      const outcome = await this.#ask();
      this.#requests++;
      if (outcome === "failed") this.#failed++;
      if (outcome === "cut") this.#cut++;
      await new Promise((resolve) => setTimeout(resolve, this.#pauseMs));
    }
  }

  #ask(): Promise<"served" | "failed" | "cut"> {
    return new Promise((resolve) => {
      const asked = request(this.#url, { method: "POST", agent: this.#agent }, (response) => {
        response.resume();
        response.on("end", () => resolve((response.statusCode ?? 500) >= 500 ? "failed" : "served"));
        response.on("error", () => resolve("cut"));
      });
      asked.setTimeout(timeoutMs, () => asked.destroy(new Error("no answer in time")));
      asked.on("error", () => resolve("failed"));
      asked.end("hello");
    });
  }
}

// As a program of its own, for a client elsewhere in the network: answers each line of its input with the totals.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const traffic = new Traffic(process.argv[2] ?? "", Number(process.argv[3] ?? defaultPauseMs));
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(line === "stop" ? await traffic.stop() : traffic.total)}\n`);
  await traffic.stop();
}
