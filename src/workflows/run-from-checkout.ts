import { SlipwayError } from "#core/errors.ts";
import type { StepSpec } from "#core/service.ts";
import type { Doing } from "#workflows/act.ts";
import type { Course } from "#workflows/course.ts";
import { logWriter } from "#workflows/log-writer.ts";
import type { World } from "#workflows/world.ts";

export const checkoutTimeoutMs = 10 * 60_000;

export type FailedStep = {
  readonly step: string;
  readonly command: string;
  readonly how: string;
  readonly lastLines: string;
};

/** `hosts`: those that run the release, for commands that look at them. */
type Commands = {
  readonly steps: readonly StepSpec[];
  readonly id: "verify" | "canary";
  readonly hosts: readonly string[];
};

/** Runs the repository's own commands from a clean checkout of the release's commit; resolves with the first that failed. */
export async function runFromCheckout(
  world: World,
  course: Course,
  { steps, id, hosts }: Commands,
  { signal, progress, beat }: Doing,
): Promise<FailedStep | undefined> {
  const { source: name, commit } = course.release;
  const source = world.fleet().sources.find((candidate) => candidate.name === name);
  if (!source) throw new SlipwayError("not.found", `The source "${name}" is no longer in fleet.yaml.`);
  const workspace = `${id}-${course.rolloutId}`;
  const log = logWriter(world, course.rolloutId);
  const env = environmentFor(course, hosts);
  const directory = await world.workspaces.open(workspace);
  try {
    await world.source.checkout(source, commit, directory, signal);
    for (const step of steps) {
      progress(step.name);
      log.write(`\n== ${step.name}\n`);
      const write = (text: string) => {
        beat();
        log.write(text);
      };
      const outcome = await world.workspaces.runStep(directory, step, env, write, signal);
      if (outcome.exitCode === 0 && !outcome.timedOut) continue;
      const how = outcome.timedOut
        ? "ran longer than its limit"
        : `ended with ${outcome.signal ?? `exit code ${outcome.exitCode}`}`;
      return { step: step.name, command: step.run, how, lastLines: outcome.lastLines };
    }
    return undefined;
  } finally {
    await log.close();
    await world.workspaces.close(workspace);
  }
}

const environmentFor = ({ release, environment, group }: Course, hosts: readonly string[]): Record<string, string> => ({
  SLIPWAY_SERVICE: release.service,
  SLIPWAY_ENVIRONMENT: environment,
  SLIPWAY_COMMIT: release.commit.sha,
  SLIPWAY_RELEASE: String(release.number),
  SLIPWAY_HOSTS: hosts.join(" "),
  SLIPWAY_ADDRESSES: hosts.flatMap((name) => group.hosts.find((host) => host.name === name)?.address ?? []).join(" "),
  ...(group.traffic ? { SLIPWAY_URL: group.traffic.url } : {}),
});
