import { type ErrorRecord, errorCodes } from "#core/errors.ts";
import { addTraffic, makeReceipt } from "#core/make-receipt.ts";
import type { Receipt } from "#core/receipt.ts";
import type { RolloutState } from "#core/rollout.ts";
import type { Run } from "#engine/run.ts";
import { act } from "#workflows/act.ts";
import { announce } from "#workflows/announce.ts";
import { type Course, engineHost } from "#workflows/course.ts";
import { countedBetween } from "#workflows/traffic.ts";
import type { World } from "#workflows/world.ts";

const recordTimeoutMs = 60_000;
const pruneTimeoutMs = 5 * 60_000;
/** So many releases' images stay on every host, so that a roll back needs no registry. */
const keptReleases = 5;

/** The rollout ended before it touched anything: a refusal, or the world's failure to be looked at. */
export async function endUntouched(run: Run, world: World, rolloutId: string, error: ErrorRecord): Promise<void> {
  await run.step("end untouched", recordTimeoutMs, async () => {
    const endedAt = new Date(world.clock.now()).toISOString();
    await world.rollouts.update(rolloutId, { state: stateFor(error), error, endedAt });
  });
  await announce(run, world, { rolloutId, event: "failed" });
}

const stateFor = (error: ErrorRecord): RolloutState => {
  const kind = errorCodes[error.code].kind;
  return kind === "refusal" ? "refused" : kind === "cancelled" ? "cancelled" : "failed";
};

type End = { readonly course: Course; readonly outcome: Receipt["outcome"]; readonly error: ErrorRecord | undefined };

/** The receipt is written, the rollout has its final state, and after success the hosts are tidy. */
export async function endRollout(run: Run, world: World, end: End): Promise<void> {
  const { course, outcome, error } = end;
  if (outcome === "succeeded") await tidyHosts(run, world, course);
  await act(
    run,
    world,
    { rolloutId: course.rolloutId, step: "finish" },
    {
      timeoutMs: recordTimeoutMs,
      async doing() {
        const receipt = await receiptOf(world, end);
        const isCancelled = outcome === "failed" && error?.code === "rollout.cancelled";
        const state: RolloutState = isCancelled ? "cancelled" : outcome;
        await world.rollouts.update(course.rolloutId, {
          state,
          receipt,
          endedAt: receipt.endedAt,
          ...(error ? { error } : {}),
        });
      },
    },
  );
}

async function receiptOf(world: World, { course, outcome }: End): Promise<Receipt> {
  const { rolloutId, release } = course;
  const rollout = await world.rollouts.get(rolloutId);
  if (!rollout) throw new Error(`rollout ${rolloutId} is not recorded`);
  const traffic = await world.timeline.traffic(rolloutId);
  const prober = addTraffic(traffic.map(({ count }) => count));
  const balancers = countedBetween(await world.timeline.counters(rolloutId));
  const build = rollout.reason === "commit" ? await world.builds.get(release.buildId) : undefined;
  return makeReceipt({
    rollout,
    release,
    timeline: await world.timeline.of(rolloutId),
    outcome,
    endedAt: new Date(world.clock.now()).toISOString(),
    ...(build ? { commitSeenAt: build.createdAt } : {}),
    ...(prober ? { prober } : {}),
    ...(balancers ? { balancers } : {}),
  });
}

/** Old containers are gone, and images beyond those that are kept; a host that cannot be tidied now is later. */
const tidyHosts = (run: Run, world: World, course: Course): Promise<void> =>
  run.step("tidy hosts", pruneTimeoutMs, async (signal) => {
    const { release, environment, group } = course;
    const kept = (await world.releases.list(release.service, keptReleases)).map(({ image }) => image.digest);
    const keepDigests = [...new Set([...kept, release.image.digest])];
    const { repository } = release.image;
    const what = {
      service: release.service,
      environment,
      repository,
      port: release.run.port,
      network: release.run.network,
    };
    const tidy = async (at: ReturnType<typeof engineHost>) => {
      const { containers } = await world.containers.look(at, what, signal);
      const names = containers.filter(({ state, rollout }) => state === "stopped" && rollout !== course.rolloutNumber);
      await world.containers.prune(at, { names: names.map(({ name }) => name), repository, keepDigests }, signal);
    };
    await Promise.allSettled(group.hosts.map((host) => tidy(engineHost(course, host))));
  });
