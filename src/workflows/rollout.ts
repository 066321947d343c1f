import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Run, Workflow } from "#engine/run.ts";
import { announce } from "#workflows/announce.ts";
import { atLastGate } from "#workflows/at-gate.ts";
import { close } from "#workflows/close.ts";
import type { Ending } from "#workflows/decide.ts";
import { endRollout, endStuck, endUntouched } from "#workflows/end-rollout.ts";
import { keepOut, letBackIn } from "#workflows/keep-out.ts";
import { prepareHosts } from "#workflows/prepare-hosts.ts";
import { releaseNewcomers } from "#workflows/release-newcomers.ts";
import { Releasing } from "#workflows/releasing.ts";
import { approvedCourse, beginRollout, planCourse } from "#workflows/rollout-gates.ts";
import { keepHolds, releaseHolds, takeHolds } from "#workflows/rollout-holds.ts";
import { startRollBack } from "#workflows/start-roll-back.ts";
import { type Strategy, strategyOf } from "#workflows/strategies/strategy.ts";
import { tidyHosts } from "#workflows/tidy-hosts.ts";
import { trafficWatch } from "#workflows/traffic.ts";
import { verifyEnvironment } from "#workflows/verify-environment.ts";
import type { World } from "#workflows/world.ts";

/** Moves one service in one environment to a release. The runbook; every line is one recorded act or a few. */
export const rollout = (world: World): Workflow<{ rolloutId: string }, void> => ({
  name: "rollout",
  async run(run, { rolloutId }) {
    const outcome = await outcomeOf(runbook(run, world, rolloutId));
    if (!outcome.ok) await endStuck(run, world, rolloutId, outcome.error);
  },
});

async function runbook(run: Run, world: World, rolloutId: string): Promise<void> {
  if (!(await beginRollout(run, world, rolloutId))) return;
  const planned = await planCourse(run, world, rolloutId);
  if (!planned.course) return endUntouched(run, world, rolloutId, planned.error);
  await announce(run, world, { rolloutId, event: "started" });
  const { course, error } = await approvedCourse(run, world, planned);
  if (!course || (error && course.inherited.length === 0)) return endUntouched(run, world, rolloutId, error);
  const traffic = trafficWatch(run, world, course);
  const keeping = keepHolds(world, course);
  try {
    await carryOut(new Releasing(run, world, course, traffic), error);
  } finally {
    await keeping.stop();
  }
}

/** From the first hold to the receipt; with the reason where it is only to put back what another one left half done. */
async function carryOut(releasing: Releasing, refusal: ErrorRecord | undefined): Promise<void> {
  const { run, world, traffic } = releasing;
  const strategy = strategyOf[releasing.course.plan.strategy];
  const ending = refusal ? putBackFor(refusal) : await attempt(() => release(releasing, strategy));
  const stuck = ending?.kind === "put-back" ? await putEverythingBack(releasing) : undefined;
  const { course } = releasing;
  // A newer rollout that goes on leaves out for itself what it cannot reach.
  if (ending?.kind === "superseded") await letBackIn(run, world, course);
  if (!ending) await strategy.settle?.(releasing);
  await releaseHolds(run, world, course);
  await traffic.stop();
  const state = await endRollout(run, world, { releasing, ending, stuck });
  await announce(run, world, { rolloutId: course.rolloutId, event: state });
  if (!ending) await tidyHosts(releasing);
  if (ending?.kind === "roll-back") await startRollBack(run, world, course, ending);
}

/** Every host is on the release, serves, and the environment was verified; or how the rollout must end. */
async function release(releasing: Releasing, strategy: Strategy): Promise<Ending | undefined> {
  const { run, world, course, traffic } = releasing;
  await takeHolds(run, world, course);
  await keepOut(run, world, course);
  const unprepared = await prepareHosts(releasing);
  if (unprepared) return unprepared;
  await traffic.start();
  return (
    (await strategy.release(releasing)) ??
    (await releaseNewcomers(releasing)) ??
    (await verifyEnvironment(releasing)) ??
    (await atLastGate(releasing)) ??
    (await close(releasing))
  );
}

/** What was changed is as it was, and what was left out serves again; resolves with what is not, if anything is. */
async function putEverythingBack(releasing: Releasing): Promise<ErrorRecord | undefined> {
  const changed = await releasing.putBack(releasing.touched());
  const leftOut = await letBackIn(releasing.run, releasing.world, releasing.course);
  return changed ?? leftOut;
}

/** What is thrown past every policy is put back: an act that has no policy of its own, such as the pull. */
async function attempt(acts: () => Promise<Ending | undefined>): Promise<Ending | undefined> {
  try {
    return await acts();
  } catch (thrown) {
    return putBackFor(SlipwayError.from(thrown).toRecord());
  }
}

const putBackFor = (error: ErrorRecord): Ending => ({ kind: "put-back", error });
