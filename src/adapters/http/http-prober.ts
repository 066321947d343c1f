import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { TrafficCount } from "#core/receipt.ts";
import type { Probe, Prober } from "#ports/prober.ts";

const requestTimeoutMs = 10_000;
const countEveryMs = 500;
/**
 * No further request starts while so many are unanswered: they will be counted as failed soon enough, and a prober
 * must not become the flood that keeps a service down.
 */
const maxInFlight = 64;

type Fate = "served" | "failed" | "cut";

/**
 * node:http, because it never sends a request twice; `fetch` may. A request that dies on a kept connection before the
 * first byte of its answer is a failure here, though a browser might try it again: it was lost all the same.
 */
export function httpProber(): Prober {
  return { start: (target, onCount) => new HttpProbe(target, onCount) };
}

class HttpProbe implements Probe {
  readonly #url: URL;
  readonly #onCount: (total: TrafficCount) => void;
  // Last in, first out: connections of a burst are left to end idle, not reused at the very moment they are closed.
  readonly #agent: HttpAgent;
  readonly #ticks: NodeJS.Timeout;
  readonly #reports: NodeJS.Timeout;
  readonly #inFlight = new Set<Promise<void>>();
  #total: TrafficCount = { requests: 0, failed: 0, cut: 0 };
  #stopped: Promise<TrafficCount> | undefined;

  constructor(target: { url: string; everyMs: number }, onCount: (total: TrafficCount) => void) {
    this.#url = new URL(target.url);
    const options = { keepAlive: true, maxSockets: maxInFlight, scheduling: "lifo" } as const;
    this.#agent = this.#url.protocol === "https:" ? new HttpsAgent(options) : new HttpAgent(options);
    this.#onCount = onCount;
    this.#ticks = setInterval(() => this.#tick(), target.everyMs);
    this.#reports = setInterval(() => onCount(this.#total), countEveryMs);
    this.#tick();
  }

  stop(): Promise<TrafficCount> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<TrafficCount> {
    clearInterval(this.#ticks);
    // Each ends by its own time limit.
    await Promise.all(this.#inFlight);
    clearInterval(this.#reports);
    this.#agent.destroy();
    this.#onCount(this.#total);
    return this.#total;
  }

  #tick(): void {
    if (this.#inFlight.size >= maxInFlight) return;
    const one = ask(this.#url, this.#agent).then((fate) => {
      this.#inFlight.delete(one);
      const { requests, failed, cut } = this.#total;
      this.#total = {
        requests: requests + 1,
        failed: failed + (fate === "failed" ? 1 : 0),
        cut: cut + (fate === "cut" ? 1 : 0),
      };
    });
    this.#inFlight.add(one);
  }
}

/** One GET, never tried again; its fate is known when it resolves, and it always does. */
function ask(url: URL, agent: HttpAgent): Promise<Fate> {
  const { promise, resolve } = Promise.withResolvers<Fate>();
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send(url, { agent, headers: { "user-agent": "slipway-prober" } }, (response) => {
    const isServed = (response.statusCode ?? 0) < 500;
    response.resume();
    response.on("end", () => resolve(isServed && response.complete ? "served" : isServed ? "cut" : "failed"));
    response.on("error", () => resolve(isServed ? "cut" : "failed"));
  });
  const limit = setTimeout(() => {
    resolve("failed");
    request.destroy();
  }, requestTimeoutMs);
  // Refused, reset or closed before an answer. Errors after the answer began come to the response first.
  request.on("error", () => resolve("failed"));
  request.end();
  return promise.finally(() => clearTimeout(limit));
}
