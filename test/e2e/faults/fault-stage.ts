import { join } from "node:path";
import { Client } from "../../../demo/client.ts";
import { type LabStage, type LabWish, labStage } from "../../../demo/lab-scene.ts";
import { TrafficProgram } from "../../../demo/traffic-program.ts";
import { commitVersion } from "../../endurance/repository.ts";
import type { UserCount } from "../../endurance/users/program.ts";
import { liveRelease } from "../operator.ts";

const usersProgram = join(import.meta.dirname, "../../endurance/users/program.ts");
const rate = 100;
const websockets = 0;
/** Long enough for a fault to happen while a host is checked. */
const settings = { rollout: {}, stable: "1500ms" };

/** The lab with a release live on every host and users who never stop asking. */
export class FaultStage implements AsyncDisposable {
  readonly lab: LabStage;
  readonly client: Client;
  readonly users: TrafficProgram<UserCount>;
  #version = 1;

  private constructor(lab: LabStage, users: TrafficProgram<UserCount>) {
    this.lab = lab;
    this.client = new Client(lab.url, new AbortController().signal);
    this.users = users;
  }

  static async up(wish: LabWish = {}): Promise<FaultStage> {
    await using stack = new AsyncDisposableStack();
    const stage = stack.use(await labStage(undefined, undefined, wish));
    await commitVersion(stage, 1, settings);
    await liveRelease(stage, 1);
    const argv = [process.execPath, usersProgram, stage.lab.frontUrl, `${rate}`, `${websockets}`];
    const users = new TrafficProgram<UserCount>(stage.lab.client.spawn(argv, { stdio: ["pipe", "pipe", "inherit"] }));
    stack.move();
    return new FaultStage(stage, users);
  }

  get version(): number {
    return this.#version;
  }

  commit(): Promise<string> {
    this.#version++;
    return commitVersion(this.lab, this.#version, settings);
  }

  /** A person asks for the newest release once more; resolves with the rollout's id. */
  async deploy(): Promise<string> {
    const answer = await fetch(`${this.lab.url}/api/rollouts`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.lab.token}`, "content-type": "application/json" },
      body: JSON.stringify({ service: "hello", environment: "integration" }),
      signal: AbortSignal.timeout(15_000),
    });
    if (!answer.ok) throw new Error(`deploy: ${await answer.text()}`);
    return ((await answer.json()) as { id: string }).id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }
}
