import { join } from "node:path";
import { Client } from "../../demo/client.ts";
import { type LabStage, labStage } from "../../demo/lab-scene.ts";
import { TrafficProgram } from "../../demo/traffic-program.ts";
import { type Left, lookAtAll, settledLeft } from "./left.ts";
import type { EnduranceOptions } from "./options.ts";
import { commitVersion } from "./repository.ts";
import { lookAtServer, type ServerSight } from "./sights.ts";
import type { UserCount } from "./users/program.ts";

export type RolloutSample = ServerSight & { readonly rollout: number; readonly seconds: number };

/** All that was counted; the verdicts are made of it alone. */
export type Endurance = {
  readonly asked: Pick<EnduranceOptions, "rollouts" | "rate" | "websockets">;
  readonly seconds: number;
  readonly samples: readonly RolloutSample[];
  /** Of the rollout that did not succeed: none is tried after it. */
  readonly problem?: string;
  readonly users: UserCount;
  readonly left: Left;
};

export type EnduranceWish = Endurance["asked"] & {
  readonly say: (line: string) => void;
  /** Ends the run after the rollout that is under way, with the counts so far. */
  readonly signal: AbortSignal;
};

const deliveredLimitMs = 240_000;
const usersProgram = join(import.meta.dirname, "users/program.ts");

/** So many rollouts in a row under traffic, and what they leave. */
export async function runEndurance({ say, signal, ...asked }: EnduranceWish): Promise<Endurance> {
  await using stage = await labStage(say, signal);
  const client = new Client(stage.url, new AbortController().signal);
  // The first rollout opens the connections that are kept for good: what there is after it is the measure.
  await release(stage, client, 0);
  const before = await lookAtAll(stage);
  const startedAt = performance.now();
  const users = startUsers(stage, asked);
  const samples: RolloutSample[] = [];
  let problem: string | undefined;
  for (let rollout = 1; rollout <= asked.rollouts && problem === undefined; rollout++) {
    const beganAt = performance.now();
    problem = await release(stage, client, rollout).catch(reasonOf);
    if (signal.aborted) problem ??= reasonOf(signal.reason);
    const sample = { rollout, seconds: secondsSince(beganAt), ...(await lookAtServer(stage)) };
    samples.push(sample);
    say(lineOf(sample, await users.total()));
  }
  const seconds = secondsSince(startedAt);
  await users.stop();
  return {
    asked,
    seconds,
    samples,
    ...(problem === undefined ? {} : { problem }),
    users: users.last,
    left: await settledLeft(stage, before),
  };
}

/** A commit to live on every host. */
async function release(stage: LabStage, client: Client, version: number): Promise<undefined> {
  const build = await client.builtOf(await commitVersion(stage, version), deliveredLimitMs);
  if (build.release === undefined) throw new Error(`build ${build.number} ${build.state}: ${build.error?.message}`);
  const { number, state, error } = await client.rolledOut(build.release, deliveredLimitMs);
  if (state !== "succeeded") throw new Error(`rollout ${number} ${state}: ${error?.code} ${error?.message}`);
  return undefined;
}

function startUsers({ lab }: LabStage, { rate, websockets }: Endurance["asked"]): TrafficProgram<UserCount> {
  const argv = [process.execPath, usersProgram, lab.frontUrl, `${rate}`, `${websockets}`];
  return new TrafficProgram<UserCount>(lab.client.spawn(argv, { stdio: ["pipe", "pipe", "inherit"] }));
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const secondsSince = (startedAt: number): number => Math.round((performance.now() - startedAt) / 100) / 10;

function lineOf(
  { rollout, seconds, rssBytes, heapBytes, files }: RolloutSample,
  { requests, failed, cut, websockets }: UserCount,
) {
  const memory = `${megabytes(rssBytes)} MB (heap ${megabytes(heapBytes)} MB), ${files} files`;
  const sockets = `websockets ${websockets.closed} closed, ${websockets.cut} cut, ${websockets.refused} refused`;
  return `rollout ${rollout}: ${seconds} s; ${requests} requests, ${failed} failed, ${cut} cut; ${sockets}; server ${memory}`;
}

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
