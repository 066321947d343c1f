import { usualAdmitTimeoutMs } from "#core/admit-timeout.ts";
import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { HostEnd, HostStep } from "#core/rollout.ts";
import type { RolloutSpec } from "#core/service.ts";
import type { Run, Workflow } from "#engine/run.ts";
import type { Room } from "#ports/containers.ts";
import { act, type Doing } from "#workflows/act.ts";
import { bakeHost } from "#workflows/baking.ts";
import { admitHost, distrustHost, drainHost, leaveOtherPlaces, wasDown } from "#workflows/balancing.ts";
import { waitForCapacity } from "#workflows/capacity.ts";
import { checkHost, checkOnce, complaintOf } from "#workflows/checking.ts";
import { type Course, engineHost, hostNamed, placeAt, rolloutSpecOf, sightWish } from "#workflows/course.ts";
import { keepBundle } from "#workflows/keep-bundle.ts";
import { keepDrained } from "#workflows/keep-drained.ts";
import { type RunningBefore, runningBefore } from "#workflows/running-before.ts";
import { startRelease } from "#workflows/start-release.ts";
import { stallMs } from "#workflows/watch-act.ts";
import type { World } from "#workflows/world.ts";

/** `again`: what an earlier try came to; what this rollout left on the host is then started anew. */
export type HostWish = {
  readonly course: Course;
  readonly host: string;
  /** All hosts that are taken out together, this one among them. */
  readonly batch: readonly string[];
  readonly again?: HostEnd;
};

/** One host to the rollout's release: drain, replace, check, admit, bake. Ends with what came of it, good or bad. */
export const replaceHost = (world: World): Workflow<HostWish, HostEnd> => ({
  name: "replace-host",
  async run(run, { course, host: name, batch, again }) {
    const host = hostNamed(course, name);
    const steps = hostSteps(run, world, { course, host, direction: "forward" });
    const spec = rolloutSpecOf(course);
    let end: HostEnd = { host: name, previous: [], port: course.release.run.port, isReplaced: false };
    try {
      const before = await steps("drain", spec.drainTimeoutMs + capacityPatienceMs + graceMs, (doing) =>
        takeOut(world, course, { host, batch, again, spec }, doing),
      );
      const { ports: _, inUse: _inUse, ...kept } = before;
      end = { ...end, ...kept, isReplaced: true };
      const place = placeAt(course, host, end.port);
      const container = await steps("replace", replaceTimeoutMs(course), (doing) =>
        keepDrained(world, { course, host: place }, doing, () =>
          replace(world, { course, host: place, end, isRetry: again !== undefined }, doing),
        ),
      );
      await checkAndAdmit(world, steps, { course, host: place, container, port: end.port }, spec);
      return end;
    } catch (thrown) {
      const failed = { ...end, error: SlipwayError.from(thrown).toRecord() };
      await keepBundle(run, world, course, failed);
      return failed;
    }
  },
});

type TakingOut = Pick<HostWish, "batch"> & { host: HostSpec; again: HostEnd | undefined; spec: RolloutSpec };

/** The host serves nobody at any of its places; resolves with what ran there. */
async function takeOut(
  world: World,
  course: Course,
  { host, batch, again, spec }: TakingOut,
  doing: Doing,
): Promise<RunningBefore & Pick<HostEnd, "wasDown">> {
  const running = await runningBefore(world, course, { host, again }, doing.signal);
  const out = { hosts: batch, floor: course.plan.minHealthy };
  // The gate may be long past: the server may have been dead since then.
  if (course.group.balancers.length > 0)
    await waitForCapacity(world, course, out, { ...doing, patienceMs: capacityPatienceMs });
  for (const port of running.ports) await drainHost(world, course, placeAt(course, host, port), { ...doing, spec });
  const isDown = again?.isReplaced ? again.wasDown : await wasDown(world, course, placeAt(course, host, running.port));
  return isDown ? { ...running, wasDown: true } : running;
}

type Placed = { course: Course; host: HostSpec; container: string; port: number };

async function checkAndAdmit(
  world: World,
  steps: ReturnType<typeof hostSteps>,
  { course, ...place }: Placed,
  { bakeMs, maxErrorPercent }: RolloutSpec,
): Promise<void> {
  const what = { ...place, release: course.release };
  await steps("check", checkTimeoutMs(course), (doing) =>
    keepDrained(world, { course, host: what.host }, doing, () => checkHost(world, course, what, doing)),
  );
  await steps("admit", admitTimeoutMs(course), async (doing) => {
    await checkOnce(world, course, what, doing.signal);
    await admitHost(world, course, what.host, doing);
  });
  if (bakeMs === 0) return;
  const look = (signal: AbortSignal) => complaintOf(world, course, what, signal);
  const bake = { host: what.host, bakeMs, maxErrorPercent, look };
  await steps("bake", bakeMs + graceMs, (doing) => bakeHost(world, course, bake, doing));
}

/** An act's own deadlines end it; this much later it is ended from outside. */
export const graceMs = 60_000;
/** Other hosts that are away for a moment are waited for before this one is taken out. */
export const capacityPatienceMs = 60_000;
/** A stop may take its whole grace, of each container that ran; the engine's own start rarely takes a second. */
export const replaceTimeoutMs = ({ release }: Pick<Course, "release">): number =>
  5 * 60_000 + release.run.stop.timeoutMs;
/** By what the balancers told while it was planned; a plan of an earlier version does not say. */
export const admitTimeoutMs = ({ plan }: Pick<Course, "plan">): number => plan.admitTimeoutMs ?? usualAdmitTimeoutMs;

export const checkTimeoutMs = ({ release }: Pick<Course, "release">): number =>
  (release.run.health?.deadlineMs ?? 0) + graceMs;

type HostPlace = { course: Course; host: HostSpec; direction: "forward" | "back" };

/** The recorded acts of one host, in one direction. A program that takes its time to stop says nothing meanwhile. */
export const hostSteps =
  (run: Run, world: World, { course, host, direction }: HostPlace) =>
  <T>(step: HostStep, timeoutMs: number, doing: (doing: Doing) => Promise<T>): Promise<T> =>
    act(
      run,
      world,
      { rolloutId: course.rolloutId, step, host: host.name, direction },
      { timeoutMs, stallMs: stallMs + course.release.run.stop.timeoutMs, doing },
    );

type Replacing = { course: Course; host: HostSpec; end: HostEnd; isRetry: boolean };

/** The new container is made; the old ones are stopped and kept; no balancer believes what it knew before; the new one runs. */
async function replace(world: World, { course, host, end, isRetry }: Replacing, doing: Doing): Promise<string> {
  const own = isRetry ? await ownContainers(world, course, host, doing.signal) : [];
  const room: Room = {
    stop: [...end.previous, ...own],
    how: course.release.run.stop,
    async whenStopped() {
      await leaveOtherPlaces(world, course, { host: hostNamed(course, end.host), port: end.port }, doing);
      await distrustHost(world, course, host, doing.signal);
      doing.progress(`starting release ${course.release.number}`);
    },
  };
  doing.progress(room.stop.length > 0 ? `stopping ${room.stop.join(", ")}` : "nothing runs there");
  return startRelease(world, { course, host, port: end.port, room }, doing);
}

/** What this rollout started there is started anew: a container that was never healthy is not healthier for waiting. */
async function ownContainers(world: World, course: Course, host: HostSpec, signal: AbortSignal): Promise<string[]> {
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  return containers.filter(({ rollout }) => rollout === course.rolloutNumber).map(({ name }) => name);
}
