import type { ErrorRecord } from "#core/errors.ts";
import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { HostStep } from "#core/rollout.ts";
import type { Run, Workflow } from "#engine/run.ts";
import type { ContainerWish } from "#ports/containers.ts";
import { act, type Doing } from "#workflows/act.ts";
import { admitHost, bakeHost, distrustHost, drainHost } from "#workflows/balancing.ts";
import { checkHost, checkOnce, complaintOf } from "#workflows/checking.ts";
import { type Course, engineHost, hostNamed, rolloutSpecOf, sightWish } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

export type HostEnd = {
  readonly host: string;
  /** Names of the containers that ran before and were to be stopped, newest first. */
  readonly previous: readonly string[];
  /** Whether the old containers may have been stopped. */
  readonly isReplaced: boolean;
  readonly error?: ErrorRecord;
};

/** One host to the rollout's release: drain, replace, check, admit, bake. Ends with what came of it, good or bad. */
export const replaceHost = (world: World): Workflow<{ course: Course; host: string }, HostEnd> => ({
  name: "replace-host",
  async run(run, { course, host: name }) {
    const host = hostNamed(course, name);
    const steps = hostSteps(run, world, { course, host, direction: "forward" });
    const { bakeMs, drain, drainTimeoutMs } = rolloutSpecOf(course);
    let previous: readonly string[] = [];
    let isReplaced = false;
    try {
      previous = await steps("drain", drainTimeoutMs, async (doing) => {
        const running = await runningBefore(world, course, host, doing.signal);
        if (drain) await drainHost(world, course, host, doing);
        return running;
      });
      isReplaced = true;
      const container = await steps("replace", replaceTimeoutMs, (doing) =>
        replace(world, { course, host, previous }, doing),
      );
      const what = { host, container, release: course.release };
      await steps("check", checkTimeoutMs(course), (doing) => checkHost(world, course, what, doing));
      await steps("admit", admitTimeoutMs, async (doing) => {
        await checkOnce(world, course, what, doing.signal);
        await admitHost(world, course, host, doing);
      });
      const look = (signal: AbortSignal) => complaintOf(world, course, what, signal);
      await steps("bake", bakeMs + bakeGraceMs, (doing) => bakeHost(world, course, { host, bakeMs, look }, doing));
      return { host: name, previous, isReplaced };
    } catch (thrown) {
      return { host: name, previous, isReplaced, error: SlipwayError.from(thrown).toRecord() };
    }
  },
});

/** A stop may take its whole grace; the engine's own start rarely takes a second. */
export const replaceTimeoutMs = 5 * 60_000;
/** The balancer's check interval times its threshold, with room. */
export const admitTimeoutMs = 90_000;
/** The health deadline ends the check by itself; this is for a host that vanished meanwhile. */
const checkGraceMs = 60_000;
const bakeGraceMs = 60_000;

export const checkTimeoutMs = ({ release }: Pick<Course, "release">): number =>
  (release.run.health?.deadlineMs ?? 0) + checkGraceMs;

type HostPlace = { course: Course; host: HostSpec; direction: "forward" | "back" };

/** The recorded acts of one host, in one direction. */
export const hostSteps =
  (run: Run, world: World, { course, host, direction }: HostPlace) =>
  <T>(step: HostStep, timeoutMs: number, doing: (doing: Doing) => Promise<T>): Promise<T> =>
    act(run, world, { rolloutId: course.rolloutId, step, host: host.name, direction }, { timeoutMs, doing });

async function runningBefore(world: World, course: Course, host: HostSpec, signal: AbortSignal): Promise<string[]> {
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  return containers
    .filter((container) => container.state !== "stopped" && container.rollout !== course.rolloutNumber)
    .sort((a, b) => b.rollout - a.rollout)
    .map((container) => container.name);
}

/** The old containers are stopped and kept; the new one runs; no balancer believes what it knew before. */
async function replace(
  world: World,
  { course, host, previous }: { course: Course; host: HostSpec; previous: readonly string[] },
  { signal, progress }: Doing,
): Promise<string> {
  const at = engineHost(course, host);
  for (const name of previous) {
    progress(`stopping ${name}`);
    await world.containers.stop(at, name, course.release.run.stop, signal);
  }
  await distrustHost(world, course, host, signal);
  progress(`starting release ${course.release.number}`);
  const { name } = await world.containers.start(at, await wishFor(world, course, host), signal);
  return name;
}

async function wishFor(world: World, course: Course, host: HostSpec): Promise<ContainerWish> {
  const { release, environment, group, rolloutNumber } = course;
  const secrets = Object.fromEntries(
    await Promise.all(release.run.secrets.map(async (name) => [name, await world.secrets.reveal(name)] as const)),
  );
  return {
    identity: {
      service: release.service,
      environment,
      host: host.name,
      release: release.number,
      rollout: rolloutNumber,
    },
    image: release.image,
    commit: release.commit.sha,
    run: { ...release.run, env: { ...release.run.env, ...group.env } },
    secrets,
  };
}
