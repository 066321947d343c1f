import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { HostEnd, HostStep } from "#core/rollout.ts";
import type { RolloutSpec } from "#core/service.ts";
import type { Run, Workflow } from "#engine/run.ts";
import type { ContainerWish, Room } from "#ports/containers.ts";
import { act, type Doing } from "#workflows/act.ts";
import { admitHost, bakeHost, distrustHost, drainHost, leaveOtherPlaces } from "#workflows/balancing.ts";
import { checkHost, checkOnce, complaintOf } from "#workflows/checking.ts";
import { type Course, engineHost, hostNamed, hostTurn, placeAt, rolloutSpecOf, sightWish } from "#workflows/course.ts";
import { servingFirst } from "#workflows/in-use.ts";
import { keepBundle } from "#workflows/keep-bundle.ts";
import { keepDrained } from "#workflows/keep-drained.ts";
import { lostCapacity } from "#workflows/lost-capacity.ts";
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
      const before = await steps("drain", spec.drainTimeoutMs + graceMs, async (doing) => {
        // The gate may be long past: the server may have been dead since then.
        const [running, lost] = await Promise.all([
          runningBefore(world, course, { host, again }, doing.signal),
          lostCapacity(world, course, batch, doing.signal),
        ]);
        if (lost) throw SlipwayError.fromRecord(lost);
        for (const port of running.ports)
          await drainHost(world, course, placeAt(course, host, port), { ...doing, spec });
        return running;
      });
      const { ports: _, ...kept } = before;
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

type Placed = { course: Course; host: HostSpec; container: string; port: number };

async function checkAndAdmit(
  world: World,
  steps: ReturnType<typeof hostSteps>,
  { course, ...place }: Placed,
  { bakeMs }: RolloutSpec,
): Promise<void> {
  const what = { ...place, release: course.release };
  await steps("check", checkTimeoutMs(course), (doing) =>
    keepDrained(world, { course, host: what.host }, doing, () => checkHost(world, course, what, doing)),
  );
  await steps("admit", admitTimeoutMs, async (doing) => {
    await checkOnce(world, course, what, doing.signal);
    await admitHost(world, course, what.host, doing);
  });
  if (bakeMs === 0) return;
  const look = (signal: AbortSignal) => complaintOf(world, course, what, signal);
  await steps("bake", bakeMs + graceMs, (doing) => bakeHost(world, course, { host: what.host, bakeMs, look }, doing));
}

/** An act's own deadlines end it; this much later it is ended from outside. */
export const graceMs = 60_000;
/** A stop may take its whole grace, of each container that ran; the engine's own start rarely takes a second. */
export const replaceTimeoutMs = ({ release }: Pick<Course, "release">): number =>
  5 * 60_000 + release.run.stop.timeoutMs;
/** The balancer's check interval times its threshold, with room. */
export const admitTimeoutMs = 90_000;

export const checkTimeoutMs = ({ release }: Pick<Course, "release">): number =>
  (release.run.health?.deadlineMs ?? 0) + graceMs;

type HostPlace = { course: Course; host: HostSpec; direction: "forward" | "back" };

/** The recorded acts of one host, in one direction. */
export const hostSteps =
  (run: Run, world: World, { course, host, direction }: HostPlace) =>
  <T>(step: HostStep, timeoutMs: number, doing: (doing: Doing) => Promise<T>): Promise<T> =>
    act(run, world, { rolloutId: course.rolloutId, step, host: host.name, direction }, { timeoutMs, doing });

/** `ports`: every port that something is published at, or the one that the new container gets. */
export type RunningBefore = Pick<HostEnd, "previous" | "previousPort" | "port"> & { readonly ports: readonly number[] };

/**
 * What runs there that this rollout did not start, what serves first, and where; after a first try that stopped it, what
 * that one found.
 */
export async function runningBefore(
  world: World,
  course: Course,
  { host, again }: { host: HostSpec; again: HostEnd | undefined },
  signal: AbortSignal,
): Promise<RunningBefore> {
  if (again?.isReplaced) {
    const { previous, previousPort, port } = again;
    const found = { previous, port, ports: [port] };
    return previousPort === undefined ? found : { ...found, previousPort };
  }
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const others = containers.filter(({ state, rollout }) => state !== "stopped" && rollout !== course.rolloutNumber);
  const running = await servingFirst(world, { course, host, containers: others }, signal);
  const previous = running.map((container) => container.name);
  const port = running[0]?.hostPort;
  const ports = [...new Set(running.map(({ hostPort }) => hostPort))];
  if (port !== undefined) return { previous, previousPort: port, port, ports };
  const free = course.release.run.port;
  return { previous, port: free, ports: [free] };
}

/** The new container is made; the old ones are stopped and kept; no balancer believes what it knew before; the new one runs. */
async function replace(
  world: World,
  { course, host, end, isRetry }: { course: Course; host: HostSpec; end: HostEnd; isRetry: boolean },
  doing: Doing,
): Promise<string> {
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

/** A container of the rollout's release runs on the host and is published at the port; resolves with its name. */
export async function startRelease(
  world: World,
  { course, host, port, room }: { course: Course; host: HostSpec; port: number; room?: Room },
  { signal, progress, turn }: Doing,
): Promise<string> {
  if (!room) progress(`starting release ${course.release.number}`);
  const wish = await wishFor(world, course, host, port);
  return (await world.containers.start(hostTurn(course, host, turn), wish, signal, room)).name;
}

/** What this rollout started there is started anew: a container that was never healthy is not healthier for waiting. */
async function ownContainers(world: World, course: Course, host: HostSpec, signal: AbortSignal): Promise<string[]> {
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  return containers.filter(({ rollout }) => rollout === course.rolloutNumber).map(({ name }) => name);
}

async function wishFor(world: World, course: Course, host: HostSpec, hostPort: number): Promise<ContainerWish> {
  const { release, environment, group, rolloutNumber, secretVersions } = course;
  const reveal = async (name: string) => [name, await world.secrets.reveal(name, secretVersions[name])] as const;
  const secrets = Object.fromEntries(await Promise.all(release.run.secrets.map(reveal)));
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
    hostPort,
    secrets,
  };
}
