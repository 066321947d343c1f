import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { HostEnd, HostStep } from "#core/rollout.ts";
import { outcomeOf } from "#engine/acts.ts";
import { act, type Doing, partOfAct } from "#workflows/act.ts";
import { atLastGate } from "#workflows/at-gate.ts";
import { bakeHost } from "#workflows/baking.ts";
import { admitHost, drainHost, isOthersWish, sightOf } from "#workflows/balancing.ts";
import { checkOnce, complaintOf } from "#workflows/checking.ts";
import { balancersOf, type Course, hostNamed, placeAt, rolloutSpecOf } from "#workflows/course.ts";
import { decide, type Ending } from "#workflows/decide.ts";
import { guardDrains } from "#workflows/guard-drains.ts";
import { keepBundles } from "#workflows/keep-bundle.ts";
import type { Releasing } from "#workflows/releasing.ts";
import { admitTimeoutMs, graceMs } from "#workflows/replace-host.ts";
import { startRetiring } from "#workflows/retire-old.ts";
import { containerAt, startBeside } from "#workflows/start-beside.ts";
import type { Strategy } from "#workflows/strategies/strategy.ts";
import type { World } from "#workflows/world.ts";

/** A new container beside every old one, one switch at the balancers, the old ones kept for an instant return. */
export const blueGreen: Strategy = {
  async release(releasing) {
    const [batch] = releasing.course.plan.batches;
    if (!batch) return undefined;
    return (await prepareBeside(releasing, batch)) ?? (await atLastGate(releasing)) ?? (await switchOver(releasing));
  },
  settle: (releasing) => startRetiring(releasing),
};

/** Every new container runs, checked, and serves nobody, however long the slowest takes. */
async function prepareBeside(
  releasing: Releasing,
  batch: Parameters<Releasing["batch"]>[0],
): Promise<Ending | undefined> {
  const guard = guardDrains(releasing.world, releasing.course);
  try {
    return await releasing.batch(batch, startBeside);
  } finally {
    await guard.stop();
  }
}

/** The new places serve and the old ones are drained, read back, and it stayed well for the bake. */
async function switchOver(releasing: Releasing): Promise<Ending | undefined> {
  const { run, world, course } = releasing;
  const { bakeMs, drainTimeoutMs } = rolloutSpecOf(course);
  const timeoutMs = admitTimeoutMs(course) + drainTimeoutMs + bakeMs + 2 * graceMs;
  const place = { rolloutId: course.rolloutId, step: "switch" as const };
  for (;;) {
    const doing = async (doing: Doing) => {
      await eachHost(releasing, "admit", doing, (end) => admitNew(releasing, end, doing));
      await eachHost(releasing, "drain", doing, (end) => drainOld(releasing, end, doing));
      if (bakeMs > 0) await eachHost(releasing, "bake", doing, (end) => bakeNew(releasing, end, doing));
    };
    const outcome = await outcomeOf(act(run, world, place, { timeoutMs, doing }));
    if (outcome.ok) return undefined;
    await keepBundles(releasing, outcome.error);
    const choices = ["retry", "put-back", "roll-back", "abort"] as const;
    const decision = await decide(releasing, { why: "failure", hosts: [], error: outcome.error, choices });
    if (typeof decision !== "string") return decision;
  }
}

/** All side by side, each told as a part of the switch; every one has ended when it rejects with the first failure. */
async function eachHost(
  { world, course, visited }: Releasing,
  step: HostStep,
  { signal }: Doing,
  doing: (end: HostEnd) => Promise<void>,
): Promise<void> {
  const place = ({ host }: HostEnd) => ({ rolloutId: course.rolloutId, step, host, direction: "forward" as const });
  const results = await Promise.allSettled(
    visited.map((end) => partOfAct(world, place(end), signal, () => doing(end))),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw SlipwayError.from(failed.reason);
}

async function newPlace({ world, course }: Releasing, end: HostEnd, signal: AbortSignal) {
  const host = placeAt(course, hostNamed(course, end.host), end.port);
  return { host, container: await containerAt(world, course, end, signal), release: course.release, port: end.port };
}

async function admitNew(releasing: Releasing, end: HostEnd, doing: Doing): Promise<void> {
  const { world, course } = releasing;
  const what = await newPlace(releasing, end, doing.signal);
  await checkOnce(world, course, what, doing.signal);
  await admitHost(world, course, what.host, doing);
}

/** Only where the new place has taken over: where somebody keeps that out of service the old one serves on. */
async function drainOld({ world, course }: Releasing, end: HostEnd, doing: Doing): Promise<void> {
  const port = end.previousPort;
  if (port === undefined || port === end.port) return;
  const host = hostNamed(course, end.host);
  const [oldPlace, place] = [placeAt(course, host, port), placeAt(course, host, end.port)];
  await refuseGap(world, course, { oldPlace, place }, doing.signal);
  await drainHost(world, course, oldPlace, { ...doing, spec: rolloutSpecOf(course) });
}

type Places = { readonly oldPlace: HostSpec; readonly place: HostSpec };

async function refuseGap(world: World, course: Course, { oldPlace, place }: Places, signal: AbortSignal) {
  for (const at of balancersOf(course)) {
    const { state } = await sightOf(world, at, place, signal);
    const before = await sightOf(world, at, oldPlace, signal);
    if (before.state !== "in-service" || !isOthersWish(state)) continue;
    throw new SlipwayError(
      "balancer.not-admitted",
      `${place.server} is in ${state} at ${at.balancer.name}, which is not our doing: ${oldPlace.server} goes on serving.`,
      { host: place.name, advice: `Let it serve (\`set server ${at.balancer.backend}/${place.server} state ready\`).` },
    );
  }
}

async function bakeNew(releasing: Releasing, end: HostEnd, doing: Doing): Promise<void> {
  const { world, course } = releasing;
  const { bakeMs, maxErrorPercent } = rolloutSpecOf(course);
  const what = await newPlace(releasing, end, doing.signal);
  const look = (signal: AbortSignal) => complaintOf(world, course, what, signal);
  await bakeHost(world, course, { host: what.host, bakeMs, maxErrorPercent, look }, doing);
}
