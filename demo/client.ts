import type { BuildShape, Overview, RolloutDetail, RolloutShape } from "../src/contract/shapes.ts";

const lookEveryMs = 100;
const requestTimeoutMs = 15_000;

/** The demo asks the server by its HTTP API, like any other client. */
export class Client {
  readonly #url: string;
  readonly #signal: AbortSignal;

  constructor(url: string, signal: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  overview(): Promise<Overview> {
    return this.#get("/api/overview");
  }

  rollout(id: string): Promise<RolloutDetail> {
    return this.#get(`/api/rollouts/${id}`);
  }

  /** The build of that commit, once it has ended: failed, or a release. The release is recorded just after the end. */
  builtOf(sha: string, deadlineMs: number): Promise<BuildShape> {
    return this.#until(`the build of ${sha.slice(0, 12)}`, deadlineMs, async () => {
      const { builds } = await this.#get<{ builds: BuildShape[] }>("/api/builds");
      const hasEnded = ({ state, release }: BuildShape) =>
        state === "failed" || (state === "succeeded" && release !== undefined);
      return builds.find((build) => build.commit.sha === sha && hasEnded(build));
    });
  }

  /** The rollout of that release, once it has ended. */
  rolledOut(release: number, deadlineMs: number): Promise<RolloutShape> {
    const open = ["waiting", "running", "paused"];
    return this.#until(`the rollout of release ${release}`, deadlineMs, async () => {
      const { rollouts } = await this.#get<{ rollouts: RolloutShape[] }>("/api/rollouts");
      return rollouts.find((rollout) => rollout.release === release && !open.includes(rollout.state));
    });
  }

  /** The id of the rollout of that release, as soon as there is one. */
  async started(release: number, deadlineMs: number): Promise<string> {
    const { id } = await this.#until(`a rollout of release ${release}`, deadlineMs, async () => {
      const { rollouts } = await this.#get<{ rollouts: RolloutShape[] }>("/api/rollouts");
      return rollouts.find((rollout) => rollout.release === release);
    });
    return id;
  }

  #until<T>(what: string, deadlineMs: number, look: () => Promise<T | undefined>): Promise<T> {
    return this.until(what, { deadlineMs, lookEveryMs }, look);
  }

  /** Looks again and again; gives up at the deadline. */
  async until<T>(
    what: string,
    { deadlineMs, lookEveryMs: everyMs }: { deadlineMs: number; lookEveryMs: number },
    look: () => Promise<T | undefined>,
  ): Promise<T> {
    const giveUpAt = performance.now() + deadlineMs;
    for (;;) {
      const seen = await look();
      if (seen !== undefined) return seen;
      if (performance.now() > giveUpAt) throw new Error(`${what} did not end within ${deadlineMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      this.#signal.throwIfAborted();
    }
  }

  async #get<T>(path: string): Promise<T> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(requestTimeoutMs)]);
    const answer = await fetch(this.#url + path, { signal });
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
