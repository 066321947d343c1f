/** From `git push` to live on all hosts, less the user's own commands. */
import { join } from "node:path";
import { mustRun } from "../../scripts/setup/run-command.ts";
import type { BuildShape } from "../../src/contract/shapes.ts";
import type { BenchStage } from "./bench-stage.ts";
import { median, rounded } from "./figures.ts";

const gitLimitMs = 30_000;
const deliveredLimitMs = 180_000;
const image = "image";

export type PushRound = {
  readonly totalSeconds: number;
  /** The build steps of slipway.yaml. */
  readonly userSeconds: number;
  /** `docker build` and push of the image: the user's Dockerfile, run by Slipway. Counted as Slipway's own. */
  readonly imageSeconds: number;
  readonly rolloutSeconds: number;
};

export type Push = { readonly rounds: readonly PushRound[]; readonly medianSecondsLessUser: number };

/** The server is told of the push by the same call that a webhook makes; its own poll is twice a minute. */
export async function measurePush(
  stage: BenchStage,
  { rounds, say }: { rounds: number; say: (line: string) => void },
): Promise<Push> {
  const desk = await cloneFor(stage);
  await stage.clearHosts();
  await stage.slipway.deploy(stage.releases[0].number);
  const measured: PushRound[] = [];
  for (let round = 0; round <= rounds; round++) {
    const sha = await stage.commit(100 + round, desk);
    const pushedAt = Date.now();
    await git(desk, "push", "--quiet", "origin", "main");
    await stage.slipway.lookNow();
    const build = await stage.slipway.client.builtOf(sha, deliveredLimitMs);
    const { id } = await stage.slipway.client.rolledOut(build.release ?? 0, deliveredLimitMs);
    const { rollout } = await stage.slipway.ended(id);
    const taken = roundOf(build, pushedAt, [rollout.createdAt, rollout.endedAt ?? ""]);
    say(`${round === 0 ? "warm-up" : `round ${round}`}: push to live ${taken.totalSeconds} s`);
    if (round > 0) measured.push(taken);
  }
  const lessUser = measured.map(({ totalSeconds, userSeconds }) => totalSeconds - userSeconds);
  return { rounds: measured, medianSecondsLessUser: rounded(median(lessUser)) };
}

/** A developer's clone. The watched repository has a checkout of its own, which a push may leave behind. */
async function cloneFor({ repository, lab }: BenchStage): Promise<string> {
  const desk = join(lab.sharedDir, "desk");
  await git(repository, "config", "receive.denyCurrentBranch", "ignore");
  await mustRun(["git", "clone", "--quiet", repository, desk], { deadlineMs: gitLimitMs });
  return desk;
}

function roundOf(build: BuildShape, pushedAt: number, [rolloutFrom, rolloutTo]: [string, string]): PushRound {
  const msOf = ({ startedAt = "", endedAt = "" }: BuildShape["steps"][number]) =>
    Date.parse(endedAt) - Date.parse(startedAt);
  const sum = (steps: BuildShape["steps"]) => rounded(steps.reduce((all, step) => all + msOf(step), 0) / 1000);
  return {
    totalSeconds: rounded((Date.parse(rolloutTo) - pushedAt) / 1000),
    userSeconds: sum(build.steps.filter(({ name }) => name !== image)),
    imageSeconds: sum(build.steps.filter(({ name }) => name === image)),
    rolloutSeconds: rounded((Date.parse(rolloutTo) - Date.parse(rolloutFrom)) / 1000),
  };
}

const git = (directory: string, ...args: string[]): Promise<string> =>
  mustRun(["git", "-C", directory, ...args], { deadlineMs: gitLimitMs });
