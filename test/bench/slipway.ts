import { Client } from "../../demo/client.ts";
import type { RolloutDetail } from "../../src/contract/shapes.ts";

const rolloutLimitMs = 120_000;
const requestLimitMs = 15_000;
const lookEveryMs = 100;

export type SlipwayRun = { readonly ms: number; readonly detail: RolloutDetail };

/** Slipway by its HTTP API, like any client. */
export class SlipwayAtWork {
  readonly client: Client;
  readonly #url: string;
  readonly #token: string;
  readonly #signal: AbortSignal;

  constructor({ url, token, signal }: { url: string; token: string; signal: AbortSignal }) {
    this.client = new Client(url, signal);
    this.#url = url;
    this.#token = token;
    this.#signal = signal;
  }

  /** What a webhook does: the sources are looked at now, whenever their next poll is. */
  async lookNow(): Promise<void> {
    const { sources } = await this.client.overview();
    for (const { name } of sources) await this.post(`/api/sources/${encodeURIComponent(name)}/poll`, {});
  }

  /** From the request to the rollout's recorded end, both by this machine's clock: how often we look costs nothing. */
  deploy(release: number): Promise<SlipwayRun> {
    return this.#rollOut("/api/rollouts", release);
  }

  /** The same to an earlier release, which a deploy refuses: hosts go back by name only. */
  rollBack(release: number): Promise<SlipwayRun> {
    return this.#rollOut("/api/rollbacks", release);
  }

  async #rollOut(path: string, release: number): Promise<SlipwayRun> {
    const askedAt = Date.now();
    const { id } = (await this.post(path, {
      service: "hello",
      environment: "integration",
      release,
      by: "the bench",
    })) as { id: string };
    const detail = await this.ended(id);
    return { ms: Date.parse(detail.rollout.endedAt ?? "") - askedAt, detail };
  }

  /** A rollout that did not succeed is no measurement. */
  async ended(id: string): Promise<RolloutDetail> {
    const giveUpAt = performance.now() + rolloutLimitMs;
    for (;;) {
      const detail = await this.client.rollout(id);
      const { state, error, plan } = detail.rollout;
      if (state === "succeeded") return detail;
      if (state !== "waiting" && state !== "running")
        throw new Error(`A rollout of the bench ${state}: ${error?.message ?? JSON.stringify(plan?.refusals)}`);
      if (performance.now() > giveUpAt) throw new Error(`A rollout of the bench ran over ${rolloutLimitMs / 1000} s.`);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  async post(path: string, body: unknown): Promise<unknown> {
    const answer = await fetch(this.#url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(requestLimitMs)]),
    });
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
