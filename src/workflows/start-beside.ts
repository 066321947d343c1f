import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { HostEnd } from "#core/rollout.ts";
import type { Workflow } from "#engine/run.ts";
import type { ContainerSight } from "#ports/containers.ts";
import type { Doing } from "#workflows/act.ts";
import { distrustHost, drainHost } from "#workflows/balancing.ts";
import { checkHost } from "#workflows/checking.ts";
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
import {
  checkTimeoutMs,
  type HostWish,
  hostSteps,
  replaceTimeoutMs,
  runningBefore,
  startRelease,
} from "#workflows/replace-host.ts";
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
        again?.isReplaced
          ? again
          : besideOf(course, end, await runningBefore(world, course, { host, again: undefined }, signal)),
      );
      await steps("replace", replaceTimeoutMs(course), async (doing) => {
        const place = placeAt(course, host, end.port);
        // Its balancers would serve it as soon as their own checks are good, long before there is a verdict.
        await drainHost(world, course, place, { ...doing, spec: rolloutSpecOf(course) });
        await clearPlace(world, course, { host, port: end.port, again }, doing);
        await distrustHost(world, course, place, doing.signal);
        await startRelease(world, { course, host: place, port: end.port }, doing);
      });
      await steps("check", checkTimeoutMs(course), async (doing) => {
        const container = await containerAt(world, course, end, doing.signal);
        const what = { host: placeAt(course, host, end.port), container, release: course.release, port: end.port };
        await keepDrained(world, { course, host: what.host }, doing, () => checkHost(world, course, what, doing));
      });
      return end;
    } catch (thrown) {
      const failed = { ...end, error: SlipwayError.from(thrown).toRecord() };
      await keepBundle(run, world, course, failed);
      return failed;
    }
  },
});

/** Nothing runs in the new place but what this rollout started there, and not even that when it is tried again. */
async function clearPlace(
  world: World,
  course: Course,
  { host, port, again }: { host: HostSpec; port: number; again: HostEnd | undefined },
  { signal, progress, turn }: Doing,
): Promise<void> {
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const isInTheWay = ({ state, hostPort, rollout }: ContainerSight) =>
    state !== "stopped" && hostPort === port && (again !== undefined || rollout !== course.rolloutNumber);
  for (const { name } of containers.filter(isInTheWay)) {
    progress(`stopping ${name}`);
    await world.containers.stop(hostTurn(course, host, turn), name, course.release.run.stop, signal);
  }
}

function besideOf(course: Course, end: HostEnd, before: Awaited<ReturnType<typeof runningBefore>>): HostEnd {
  const used = before.previousPort;
  const { ports: _, ...kept } = before;
  return { ...end, ...kept, port: used === undefined ? before.port : otherPort(course, used), isReplaced: true };
}

/** The name of this rollout's container on the host. */
export async function containerAt(world: World, course: Course, end: HostEnd, signal: AbortSignal): Promise<string> {
  const at = engineHost(course, hostNamed(course, end.host));
  const { containers } = await world.containers.look(at, sightWish(course), signal);
  const own = containers.find(({ rollout }) => rollout === course.rolloutNumber);
  if (own) return own.name;
  throw new SlipwayError("container.exited", `The new container on ${end.host} is gone.`, { host: end.host });
}
