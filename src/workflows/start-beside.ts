import { SlipwayError } from "#core/errors.ts";
import type { HostEnd } from "#core/rollout.ts";
import type { Workflow } from "#engine/run.ts";
import { distrustHost } from "#workflows/balancing.ts";
import { checkHost } from "#workflows/checking.ts";
import { type Course, engineHost, hostNamed, otherPort, placeAt, sightWish } from "#workflows/course.ts";
import { keepBundle } from "#workflows/keep-bundle.ts";
import {
  checkTimeoutMs,
  type HostWish,
  hostSteps,
  replaceTimeoutMs,
  runningBefore,
  startRelease,
  stopOwn,
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
        if (again) await stopOwn(world, course, host, doing);
        await distrustHost(world, course, place, doing.signal);
        await startRelease(world, { course, host: place, port: end.port }, doing);
      });
      await steps("check", checkTimeoutMs(course), async (doing) => {
        const container = await containerAt(world, course, end, doing.signal);
        const what = { host: placeAt(course, host, end.port), container, release: course.release, port: end.port };
        await checkHost(world, course, what, doing);
      });
      return end;
    } catch (thrown) {
      const failed = { ...end, error: SlipwayError.from(thrown).toRecord() };
      await keepBundle(run, world, course, failed);
      return failed;
    }
  },
});

function besideOf(course: Course, end: HostEnd, before: Awaited<ReturnType<typeof runningBefore>>): HostEnd {
  const used = before.previousPort;
  return { ...end, ...before, port: used === undefined ? before.port : otherPort(course, used), isReplaced: true };
}

/** The name of this rollout's container on the host. */
export async function containerAt(world: World, course: Course, end: HostEnd, signal: AbortSignal): Promise<string> {
  const at = engineHost(course, hostNamed(course, end.host));
  const { containers } = await world.containers.look(at, sightWish(course), signal);
  const own = containers.find(({ rollout }) => rollout === course.rolloutNumber);
  if (own) return own.name;
  throw new SlipwayError("container.exited", `The new container on ${end.host} is gone.`, { host: end.host });
}
