import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { HostEnd } from "#core/rollout.ts";
import type { Workflow } from "#engine/run.ts";
import type { Doing } from "#workflows/act.ts";
import {
  admitHost,
  bakeHost,
  distrustHost,
  drainHost,
  giveBackEmptyHost,
  giveBackHost,
  leaveOtherPlaces,
  leavePlace,
} from "#workflows/balancing.ts";
import { type Checked, checkHost, checkOnce, complaintOf } from "#workflows/checking.ts";
import {
  type Course,
  engineHost,
  hostNamed,
  hostTurn,
  placeAt,
  portsOf,
  rolloutSpecOf,
  sightWish,
} from "#workflows/course.ts";
import { admitTimeoutMs, checkTimeoutMs, graceMs, hostSteps, replaceTimeoutMs } from "#workflows/replace-host.ts";
import type { World } from "#workflows/world.ts";

export type PutBackEnd = { readonly host: string; readonly error?: ErrorRecord };

type Steps = ReturnType<typeof hostSteps>;

/** Returns one host to what ran on it before the rollout. The failed container stays on the host, stopped. */
export const putBackHost = (world: World): Workflow<{ course: Course; end: HostEnd }, PutBackEnd> => ({
  name: "put-back-host",
  async run(run, { course, end }) {
    const host = hostNamed(course, end.host);
    const steps = hostSteps(run, world, { course, host, direction: "back" });
    try {
      if (isBeside(end)) await switchBack(world, steps, { course, host, end });
      else if (end.isReplaced) await replaceBack(world, steps, { course, host, end });
      else {
        await steps("admit", admitTimeoutMs, async (doing) => {
          for (const port of portsOf(course)) await giveBackHost(world, course, placeAt(course, host, port), doing);
        });
      }
      return { host: host.name };
    } catch (thrown) {
      return { host: host.name, error: SlipwayError.from(thrown).toRecord() };
    }
  },
});

/** The new container was started beside the old one, which is there still. */
const isBeside = ({ previousPort, port }: HostEnd): boolean => previousPort !== undefined && previousPort !== port;

type Place = { course: Course; host: HostSpec; end: HostEnd };

async function replaceBack(world: World, steps: Steps, { course, host, end }: Place): Promise<void> {
  const spec = rolloutSpecOf(course);
  const place = placeAt(course, host, end.port);
  await steps("drain", spec.drainTimeoutMs + graceMs, (doing) => drainHost(world, course, place, { ...doing, spec }));
  const old = await steps("replace", replaceTimeoutMs(course), async (doing) => {
    await stopOthers(world, course, { host, keep: end.previous[0] }, doing);
    await leaveOtherPlaces(world, course, { host, port: end.port }, doing);
    await distrustHost(world, course, place, doing.signal);
    const started = await startPrevious(world, course, { host, end }, doing);
    if (!started) await giveBackEmptyHost(world, course, place, doing);
    return started;
  });
  if (!old) return;
  const what = { host: place, ...old, port: end.port };
  await steps("check", checkTimeoutMs(old), (doing) => checkHost(world, course, what, doing));
  await steps("admit", admitTimeoutMs, (doing) => admitChecked(world, course, what, doing));
  const look = (signal: AbortSignal) => complaintOf(world, course, what, signal);
  await steps("bake", admitTimeoutMs, (doing) => bakeHost(world, course, { host: place, bakeMs: 0, look }, doing));
}

/** The old place serves again before the new one is drained: nobody waits for a start. */
async function switchBack(world: World, steps: Steps, { course, host, end }: Place): Promise<void> {
  const spec = rolloutSpecOf(course);
  const [oldPlace, newPlace] = [placeAt(course, host, end.previousPort ?? end.port), placeAt(course, host, end.port)];
  const old = await steps("replace", replaceTimeoutMs(course) + spec.drainTimeoutMs + graceMs, async (doing) => {
    await clearOldPlace(world, { course, host, end }, doing);
    return startPrevious(world, course, { host, end }, doing);
  });
  if (old) {
    const what = { host: oldPlace, ...old, port: end.previousPort ?? end.port };
    await steps("check", checkTimeoutMs(old), (doing) => checkHost(world, course, what, doing));
    await steps("admit", admitTimeoutMs, (doing) => admitChecked(world, course, what, doing));
  }
  await steps("drain", spec.drainTimeoutMs + graceMs + replaceTimeoutMs(course), async (doing) => {
    await drainHost(world, course, newPlace, { ...doing, spec });
    await stopOthers(world, course, { host, keep: end.previous[0] }, doing);
    await leavePlace(world, course, newPlace, doing);
  });
}

/** A rollout that was superseded may have left another container where the old one was. */
async function clearOldPlace(world: World, { course, host, end }: Place, doing: Doing): Promise<void> {
  const port = end.previousPort ?? end.port;
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), doing.signal);
  const others = containers.filter(
    ({ name, state, hostPort }) => name !== end.previous[0] && state !== "stopped" && hostPort === port,
  );
  if (others.length === 0) return;
  const place = placeAt(course, host, port);
  await drainHost(world, course, place, { ...doing, spec: rolloutSpecOf(course) });
  for (const { name } of others)
    await world.containers.stop(hostTurn(course, host, doing.turn), name, course.release.run.stop, doing.signal);
  await distrustHost(world, course, place, doing.signal);
}

async function admitChecked(world: World, course: Course, what: Checked, doing: Doing): Promise<void> {
  await checkOnce(world, course, what, doing.signal);
  await admitHost(world, course, what.host, doing);
}

/** Nothing of ours runs there but the container to keep; what it ran before a superseded rollout counts as well. */
async function stopOthers(
  world: World,
  course: Course,
  { host, keep }: { host: HostSpec; keep: string | undefined },
  { signal, progress, turn }: Doing,
): Promise<void> {
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  for (const { name } of containers.filter(({ name, state }) => name !== keep && state !== "stopped")) {
    progress(`stopping ${name}`);
    await world.containers.stop(hostTurn(course, host, turn), name, course.release.run.stop, signal);
  }
}

/** The container that ran before runs again; undefined when there was none. */
async function startPrevious(
  world: World,
  course: Course,
  { host, end }: Omit<Place, "course">,
  { signal, progress, turn }: Doing,
): Promise<{ container: string; release: Release } | undefined> {
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const old = containers.find((container) => container.name === end.previous[0]);
  if (!old) {
    progress("nothing ran here before");
    return undefined;
  }
  if (old.state !== "running") progress(`starting ${old.name} again`);
  await world.containers.startAgain(hostTurn(course, host, turn), old.name, signal);
  const release = await world.releases.get(course.release.service, old.release);
  if (!release)
    throw new SlipwayError("not.found", `Release ${old.release} of ${course.release.service} is not recorded.`);
  return { container: old.name, release };
}
