import { SlipwayError } from "#core/errors.ts";
import { environmentSpecOf, type StepSpec } from "#core/service.ts";
import type { Run } from "#engine/run.ts";
import { act, type Doing } from "#workflows/act.ts";
import type { Course } from "#workflows/course.ts";
import { logWriter } from "#workflows/log-writer.ts";
import type { World } from "#workflows/world.ts";

const checkoutTimeoutMs = 10 * 60_000;

/** The environment's integration tests pass, run from a clean checkout of the release's commit. */
export async function verifyEnvironment(run: Run, world: World, course: Course): Promise<void> {
  const { verify } = environmentSpecOf(course.release.environments, course.environment);
  if (verify.length === 0 || course.plan.batches.length === 0) return;
  const timeoutMs = verify.reduce((sum, step) => sum + step.timeoutMs, checkoutTimeoutMs);
  await act(
    run,
    world,
    { rolloutId: course.rolloutId, step: "verify" },
    {
      timeoutMs,
      doing: (doing) => verifyFromCheckout(world, course, verify, doing),
    },
  );
}

async function verifyFromCheckout(
  world: World,
  course: Course,
  verify: readonly StepSpec[],
  { signal, progress }: Doing,
) {
  const { source: name, commit } = course.release;
  const source = world.fleet().sources.find((candidate) => candidate.name === name);
  if (!source) throw new SlipwayError("not.found", `The source "${name}" is no longer in fleet.yaml.`);
  const id = `verify-${course.rolloutId}`;
  const log = logWriter(world, course.rolloutId);
  const directory = await world.workspaces.open(id);
  try {
    await world.source.checkout(source, commit, directory, signal);
    for (const step of verify) {
      progress(step.name);
      log.write(`\n== ${step.name}\n`);
      const outcome = await world.workspaces.runStep(directory, step, verifyEnvironmentOf(course), log.write, signal);
      if (outcome.exitCode === 0 && !outcome.timedOut) continue;
      const how = outcome.timedOut
        ? "ran longer than its limit"
        : `ended with ${outcome.signal ?? `exit code ${outcome.exitCode}`}`;
      throw new SlipwayError("verify.failed", `"${step.name}" ${how}.`, {
        command: step.run,
        lastLines: outcome.lastLines,
      });
    }
  } finally {
    await log.close();
    await world.workspaces.close(id);
  }
}

const verifyEnvironmentOf = ({ release, environment, group }: Course): Record<string, string> => ({
  SLIPWAY_SERVICE: release.service,
  SLIPWAY_ENVIRONMENT: environment,
  SLIPWAY_COMMIT: release.commit.sha,
  SLIPWAY_RELEASE: String(release.number),
  ...(group.traffic ? { SLIPWAY_URL: group.traffic.url } : {}),
});
