import type { RolloutShape } from "../src/contract/shapes.ts";
import type { Client } from "./client.ts";
import type { TrafficTotal } from "./traffic.ts";
import type { TrafficProgram } from "./traffic-program.ts";

export type HostSight = { readonly name: string; readonly digest: string; readonly inService: boolean };

export type Step = {
  readonly name: string;
  readonly commit: string;
  readonly outcome: string;
  readonly seconds: number;
  readonly hosts: readonly HostSight[];
  readonly traffic: TrafficTotal;
};

/** An expectation of the demo that did not hold. */
export class Unexpected extends Error {}

export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Unexpected(`expected: ${what}`);
}

const settleDeadlineMs = 20_000;
const lookEveryMs = 100;
const nothing: TrafficTotal = { requests: 0, failed: 0, cut: 0 };

type Note = {
  commit(sha: string): string;
  outcome(words: string): void;
  /** Every host of the rollout runs its image and is in service, as the server sees it. */
  hostsRun(rollout: RolloutShape, which: "every"): Promise<void>;
  hostsAre(wanted: readonly HostSight[]): Promise<void>;
};

/** Writes down what each step of the demo came to, with the traffic that users saw meanwhile. */
export class StepBook {
  readonly steps: Step[] = [];
  readonly #client: Client;
  #users: TrafficProgram | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  get last(): Step {
    const last = this.steps.at(-1);
    if (!last) throw new Error("no step yet");
    return last;
  }

  watch(users: TrafficProgram): void {
    this.#users = users;
  }

  async step(name: string, act: (note: Note) => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    const before = (await this.#users?.total()) ?? nothing;
    let [commit, outcome] = ["", ""];
    await act({
      commit(sha) {
        commit = sha;
        return sha;
      },
      outcome(words) {
        outcome = words;
      },
      hostsRun: (rollout) =>
        this.#settle(
          (host) => host.inService && host.digest !== "" && rollout.receipt?.image.endsWith(host.digest) === true,
        ),
      hostsAre: (wanted) =>
        this.#settle((host) => wanted.some((other) => JSON.stringify(other) === JSON.stringify(host))),
    });
    const after = (await this.#users?.total()) ?? nothing;
    const traffic = {
      requests: after.requests - before.requests,
      failed: after.failed - before.failed,
      cut: after.cut - before.cut,
    };
    this.steps.push({
      name,
      commit,
      outcome,
      seconds: seconds(performance.now() - startedAt),
      hosts: await this.#hosts(),
      traffic,
    });
    expect(!this.#users || traffic.requests > 0, `users sent requests during ${name}`);
    expect(
      traffic.failed === 0 && traffic.cut === 0,
      `no request failed during ${name} (${traffic.failed} failed, ${traffic.cut} cut)`,
    );
  }

  async #hosts(): Promise<HostSight[]> {
    const { environments } = await this.#client.overview();
    const hosts = environments.flatMap(({ groups }) => groups.flatMap((group) => group.hosts));
    return hosts.map(({ name, digest = "", inService = false }) => ({ name, digest, inService }));
  }

  /** The server looks at its hosts a moment after a rollout: wait for that look. */
  async #settle(isRight: (host: HostSight) => boolean): Promise<void> {
    const giveUpAt = performance.now() + settleDeadlineMs;
    for (;;) {
      const hosts = await this.#hosts();
      if (hosts.length > 0 && hosts.every(isRight)) return;
      expect(performance.now() < giveUpAt, `every host is as it should be; found ${JSON.stringify(hosts)}`);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
