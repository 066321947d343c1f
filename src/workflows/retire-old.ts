import type { HostSpec } from "#core/fleet.ts";
import type { HostEnd } from "#core/rollout.ts";
import type { Run, Workflow } from "#engine/run.ts";
import type { Doing } from "#workflows/act.ts";
import { drainHoldId, drainHost, leavePlace } from "#workflows/balancing.ts";
import {
  balancersOf,
  type Course,
  courseOf,
  engineHost,
  hostNamed,
  hostTurn,
  placeAt,
  rolloutSpecOf,
  sightWish,
} from "#workflows/course.ts";
import { guardDrains } from "#workflows/guard-drains.ts";
import { keepDrained } from "#workflows/keep-drained.ts";
import type { Releasing } from "#workflows/releasing.ts";
import { replaceTimeoutMs } from "#workflows/replace-host.ts";
import type { World } from "#workflows/world.ts";

type Retiring = { readonly course: Course; readonly ends: readonly HostEnd[] };

/** The old containers of a blue-green rollout run on, drained, for as long as the environment wants; then they stop. */
export async function startRetiring({ run, world, course, visited }: Releasing): Promise<void> {
  const ends = visited.filter(({ previousPort, port }) => previousPort !== undefined && previousPort !== port);
  if (ends.length === 0) return;
  const names = ends.map(({ host }) => host);
  await run.child(retireOld(world), `${course.rolloutId}/retire`, { course: courseOf(course, names), ends });
}

/**
 * Waits, and sees to it that no balancer forgets its drain meanwhile; then the old containers are stopped between
 * rollouts of the place, where nothing has used them again.
 */
export const retireOld = (world: World): Workflow<Retiring, void> => ({
  name: "retire-old",
  async run(run, { course, ends }) {
    await keepOld(run, world, course);
    const place = { queue: "rollouts", partition: `${course.environment}/${course.release.service}` } as const;
    await run.child(stopOld(world), `${course.rolloutId}/retire/stop`, { course, ends }, place);
  },
});

async function keepOld(run: Run, world: World, course: Course): Promise<void> {
  const { keepOldMs } = rolloutSpecOf(course);
  if (keepOldMs === 0) return;
  const guard = guardDrains(world, course);
  try {
    await run.gate("retire", keepOldMs);
  } finally {
    await guard.stop();
  }
}

/** Each old container is stopped that is drained still, and the place where it ran is nobody's. */
export const stopOld = (world: World): Workflow<Retiring, void> => ({
  name: "stop-old",
  run: (run, { course, ends }) =>
    run.step("stop old", replaceTimeoutMs(course), async (signal) => {
      const turn = await world.turns.next();
      const progress = () => {};
      const doing: Doing = { signal, turn, progress, beat: progress };
      const results = await Promise.allSettled(ends.map((end) => stopThere(world, course, end, doing)));
      const stopped = ends.filter((_, index) => isTrue(results[index])).map(({ host }) => host);
      const message = `the old containers were stopped: ${stopped.join(", ") || "none of them was left"}`;
      const { rolloutId } = course;
      await world.timeline.append({ rolloutId, step: "switch", phase: "progress", message });
    }),
});

const isTrue = (result: PromiseSettledResult<boolean> | undefined): boolean =>
  result?.status === "fulfilled" && result.value;

async function stopThere(world: World, course: Course, end: HostEnd, doing: Doing): Promise<boolean> {
  const host = hostNamed(course, end.host);
  const place = placeAt(course, host, end.previousPort ?? end.port);
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), doing.signal);
  const there = containers.filter(({ hostPort, state }) => hostPort === end.previousPort && state !== "stopped");
  const isOld = there.every(({ name }) => end.previous.includes(name));
  if (!isOld || !(await isOurs(world, course, place))) return false;
  // A balancer that forgot the drain may have sent it requests until a moment ago.
  await drainHost(world, course, place, { ...doing, spec: rolloutSpecOf(course) });
  await keepDrained(world, { course, host: place }, doing, async () => {
    for (const { name } of there)
      await world.containers.stop(hostTurn(course, host, doing.turn), name, course.release.run.stop, doing.signal);
  });
  await leavePlace(world, course, place, doing);
  return there.length > 0;
}

/** A later rollout that has gone back to the place, or filled it anew, holds it as well, or has given it back. */
async function isOurs(world: World, course: Course, place: HostSpec): Promise<boolean> {
  if (!rolloutSpecOf(course).drain) return true;
  const drains = (await world.holds.all()).filter(({ kind }) => kind === "drain");
  const ids = balancersOf(course).map((at) => drainHoldId({ course, host: place, at }));
  const subjects = drains.filter(({ id }) => ids.includes(id)).map(({ subject }) => subject);
  return subjects.length > 0 && drains.every(({ id, subject }) => !subjects.includes(subject) || ids.includes(id));
}
