import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { Workflow } from "#engine/run.ts";
import type { Doing } from "#workflows/act.ts";
import { admitHost, bakeHost, distrustHost, drainHost, giveBackHost } from "#workflows/balancing.ts";
import { checkHost, checkOnce, complaintOf } from "#workflows/checking.ts";
import { type Course, engineHost, hostNamed, rolloutSpecOf, sightWish } from "#workflows/course.ts";
import { admitTimeoutMs, checkTimeoutMs, type HostEnd, hostSteps, replaceTimeoutMs } from "#workflows/replace-host.ts";
import type { World } from "#workflows/world.ts";

export type PutBackEnd = { readonly host: string; readonly error?: ErrorRecord };

/** Returns one host to what ran on it before the rollout. The failed container stays on the host, stopped. */
export const putBackHost = (world: World): Workflow<{ course: Course; end: HostEnd }, PutBackEnd> => ({
  name: "put-back-host",
  async run(run, { course, end }) {
    const host = hostNamed(course, end.host);
    const steps = hostSteps(run, world, { course, host, direction: "back" });
    const { drain, drainTimeoutMs } = rolloutSpecOf(course);
    const previous = end.previous[0];
    try {
      if (!end.isReplaced) {
        await steps("admit", admitTimeoutMs, (doing) => giveBackHost(world, course, host, doing));
        return { host: host.name };
      }
      await steps("drain", drainTimeoutMs, async (doing) => {
        if (drain) await drainHost(world, course, host, doing);
      });
      const old = await steps("replace", replaceTimeoutMs, (doing) =>
        exchange(world, { course, host, previous }, doing),
      );
      if (!old) return { host: host.name };
      const what = { host, container: old.container, release: old.release };
      await steps("check", checkTimeoutMs(old), (doing) => checkHost(world, course, what, doing));
      await steps("admit", admitTimeoutMs, async (doing) => {
        await checkOnce(world, course, what, doing.signal);
        await admitHost(world, course, host, doing);
      });
      const look = (signal: AbortSignal) => complaintOf(world, course, what, signal);
      await steps("bake", admitTimeoutMs, (doing) => bakeHost(world, course, { host, bakeMs: 0, look }, doing));
      return { host: host.name };
    } catch (thrown) {
      return { host: host.name, error: SlipwayError.from(thrown).toRecord() };
    }
  },
});

type Place = { course: Course; host: HostSpec; previous: string | undefined };

/** The new container is stopped, the old one runs again; undefined when there was none. */
async function exchange(
  world: World,
  { course, host, previous }: Place,
  { signal, progress }: Doing,
): Promise<{ container: string; release: Release } | undefined> {
  const at = engineHost(course, host);
  const { containers } = await world.containers.look(at, sightWish(course), signal);
  const failed = containers.filter((container) => container.rollout === course.rolloutNumber);
  for (const container of failed) {
    progress(`stopping ${container.name}`);
    await world.containers.stop(at, container.name, course.release.run.stop, signal);
  }
  const old = containers.find((container) => container.name === previous);
  if (!old) {
    await giveBackHost(world, course, host, { signal, progress });
    progress("nothing ran here before");
    return undefined;
  }
  await distrustHost(world, course, host, signal);
  progress(`starting ${old.name} again`);
  await world.containers.startAgain(at, old.name, signal);
  const release = await world.releases.get(course.release.service, old.release);
  if (!release)
    throw new SlipwayError("not.found", `Release ${old.release} of ${course.release.service} is not recorded.`);
  return { container: old.name, release };
}
