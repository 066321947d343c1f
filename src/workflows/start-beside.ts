import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { HostEnd } from "#core/rollout.ts";
import type { Workflow } from "#engine/run.ts";
import type { ContainerSight } from "#ports/containers.ts";
import type { Doing } from "#workflows/act.ts";
import { distrustHost, drainHost } from "#workflows/balancing.ts";
import { checkHost, checkOnce, complaintOf } from "#workflows/checking.ts";
import {
  type Course,
  engineHost,
  hostNamed,
  hostTurn,
  otherPort,
  placeAt,
  rolloutSpecOf,
  sightWish,
} from "#workflows/course.ts";
import { keepBundle } from "#workflows/keep-bundle.ts";
import { keepDrained } from "#workflows/keep-drained.ts";
import { checkTimeoutMs, type HostWish, hostSteps, replaceTimeoutMs } from "#workflows/replace-host.ts";
import { runningBefore } from "#workflows/running-before.ts";
import { startRelease } from "#workflows/start-release.ts";
import type { World } from "#workflows/world.ts";

const lookTimeoutMs = 60_000;

/** The rollout's release runs on one host beside what ran there, checked, and serves nobody yet. */
export const startBeside = (world: World): Workflow<HostWish, HostEnd> => ({
  name: "start-beside",
  async run(run, { course, host: name, again }) {
    const host = hostNamed(course, name);
    const steps = hostSteps(run, world, { course, host, direction: "forward" });
    let end: HostEnd = { host: name, previous: [], port: course.release.run.port, isReplaced: false };
    try {
      // Known before anything is started: a put back must find what was started halfway.
      end = await run.step(`look at ${name}`, lookTimeoutMs, async (signal) =>
        again?.isReplaced ? withoutReuse(again) : besideOf(world, course, host, signal),
      );
      const place: Beside = { course, host, end, isRetry: again !== undefined };
      await steps("replace", replaceTimeoutMs(course), (doing) => startThere(world, place, doing));
      await steps("check", checkTimeoutMs(course), (doing) => checkThere(world, place, doing));
      return end;
    } catch (thrown) {
      const failed = { ...end, error: SlipwayError.from(thrown).toRecord() };
      await keepBundle(run, world, course, failed);
      return failed;
    }
  },
});

type Beside = { readonly course: Course; readonly host: HostSpec; readonly end: HostEnd; readonly isRetry: boolean };

/** The place beside what is in use; a roll back finds the container it wants there where that still runs. */
async function besideOf(world: World, course: Course, host: HostSpec, signal: AbortSignal): Promise<HostEnd> {
  const before = await runningBefore(world, course, { host, again: undefined }, signal);
  const { ports: _, inUse, ...kept } = before;
  const used = before.previousPort;
  const port = used === undefined ? before.port : otherPort(course, used);
  const reused = course.reason === "rollback" ? await keptAt(world, course, { host, port }, signal) : undefined;
  return { host: host.name, ...kept, previous: inUse, port, isReplaced: true, ...(reused ? { reused } : {}) };
}

async function keptAt(
  world: World,
  course: Course,
  { host, port }: { host: HostSpec; port: number },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { release } = course;
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const isIt = (sight: ContainerSight) =>
    sight.state === "running" &&
    sight.hostPort === port &&
    sight.release === release.number &&
    sight.digest === release.image.digest;
  return containers.find(isIt)?.name;
}

const withoutReuse = ({ reused: _, error: _error, ...end }: HostEnd): HostEnd => end;

/** Drained, the release runs in the new place. */
async function startThere(world: World, { course, host, end, isRetry }: Beside, doing: Doing): Promise<void> {
  const place = placeAt(course, host, end.port);
  const inUse = end.previousPort === undefined ? undefined : placeAt(course, host, end.previousPort);
  // Its balancers would serve it as soon as their own checks are good, long before there is a verdict.
  await drainHost(world, course, place, { ...doing, spec: rolloutSpecOf(course), insteadOf: inUse });
  await keepDrained(world, { course, host: place }, doing, async () => {
    if (end.reused && (await isStillGood(world, { course, place, end }, doing.signal))) return;
    await clearPlace(world, course, { host, port: end.port, isRetry }, doing);
    await distrustHost(world, course, place, doing.signal);
    await startRelease(world, { course, host: place, port: end.port }, doing);
  });
}

type Reused = { readonly course: Course; readonly place: HostSpec; readonly end: HostEnd };

async function isStillGood(world: World, { course, place, end }: Reused, signal: AbortSignal): Promise<boolean> {
  const what = { host: place, container: end.reused ?? "", release: course.release, port: end.port };
  return (await complaintOf(world, course, what, signal)) === undefined;
}

async function checkThere(world: World, { course, host, end }: Beside, doing: Doing): Promise<void> {
  const container = await containerAt(world, course, end, doing.signal);
  const place = placeAt(course, host, end.port);
  const what = { host: place, container, release: course.release, port: end.port };
  await keepDrained(world, { course, host: place }, doing, () =>
    // It has proved itself once, and has run ever since.
    container === end.reused ? checkOnce(world, course, what, doing.signal) : checkHost(world, course, what, doing),
  );
}

type Clearing = { readonly host: HostSpec; readonly port: number; readonly isRetry: boolean };

/** Nothing runs in the new place but what this rollout started there, and not even that when it is tried again. */
async function clearPlace(
  world: World,
  course: Course,
  { host, port, isRetry }: Clearing,
  { signal, progress, turn }: Doing,
): Promise<void> {
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const isInTheWay = ({ state, hostPort, rollout }: ContainerSight) =>
    state !== "stopped" && hostPort === port && (isRetry || rollout !== course.rolloutNumber);
  for (const { name } of containers.filter(isInTheWay)) {
    progress(`stopping ${name}`);
    await world.containers.stop(hostTurn(course, host, turn), name, course.release.run.stop, signal);
  }
}

/** The name of the release's container on the host: this rollout's, or the one it uses again. */
export async function containerAt(world: World, course: Course, end: HostEnd, signal: AbortSignal): Promise<string> {
  const at = engineHost(course, hostNamed(course, end.host));
  const { containers } = await world.containers.look(at, sightWish(course), signal);
  const own = containers.find(({ rollout }) => rollout === course.rolloutNumber);
  const used = own ?? containers.find(({ name, state }) => name === end.reused && state === "running");
  if (used) return used.name;
  throw new SlipwayError("container.exited", `The new container on ${end.host} is gone.`, { host: end.host });
}
