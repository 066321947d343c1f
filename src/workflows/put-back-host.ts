import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { HostEnd } from "#core/rollout.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Workflow } from "#engine/run.ts";
import type { Room } from "#ports/containers.ts";
import type { Doing } from "#workflows/act.ts";
import { bakeHost } from "#workflows/baking.ts";
import {
  admitHost,
  distrustHost,
  drainHost,
  giveBackEmptyHost,
  giveBackHost,
  leaveOtherPlaces,
  leavePlace,
} from "#workflows/balancing.ts";
import { waitForCapacity } from "#workflows/capacity.ts";
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
import { keepDrained } from "#workflows/keep-drained.ts";
import { type Previous, previousContainer, startPrevious } from "#workflows/previous-container.ts";
import {
  admitTimeoutMs,
  capacityPatienceMs,
  checkTimeoutMs,
  graceMs,
  hostSteps,
  replaceTimeoutMs,
} from "#workflows/replace-host.ts";
import type { World } from "#workflows/world.ts";

export type PutBackEnd = { readonly host: string; readonly error?: ErrorRecord };

/** An image that somebody removed is pulled again. */
const pullTimeoutMs = 10 * 60_000;

/** An engine that starts anew, or a bastion: whoever put the host back by hand would try again as well. */
export const hostPatienceMs = 60_000;
const lookAgainMs = 1_000;

type Steps = ReturnType<typeof hostSteps>;

/** `floor`: so many other hosts stay in service while this one is out. `patienceMs`: how long its engine may be away. */
export type PutBackWish = {
  readonly course: Course;
  readonly end: HostEnd;
  readonly floor: number;
  readonly patienceMs: number;
};

/** Returns one host to what ran on it before the rollout. The failed container stays on the host, stopped. */
export const putBackHost = (world: World): Workflow<PutBackWish, PutBackEnd> => ({
  name: "put-back-host",
  async run(run, { course, end, floor, patienceMs }) {
    const host = hostNamed(course, end.host);
    const steps = hostSteps(run, world, { course, host, direction: "back" });
    try {
      if (isBeside(end)) await switchBack(world, steps, { course, host, end }, patienceMs);
      else if (end.isReplaced) await replaceBack(world, steps, { course, host, end }, { floor, patienceMs });
      else {
        await steps("admit", admitTimeoutMs(course), async (doing) => {
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

async function replaceBack(
  world: World,
  steps: Steps,
  place: Place,
  { floor, patienceMs }: Pick<PutBackWish, "floor" | "patienceMs">,
): Promise<void> {
  const { course, host, end } = place;
  const server = placeAt(course, host, end.port);
  await drainBack(world, steps, place, floor);
  const timeoutMs = patienceMs + replaceTimeoutMs(course) + pullTimeoutMs;
  const old = await steps("replace", timeoutMs, async (doing) => {
    await waitForHost(world, course, host, { ...doing, patienceMs });
    const previous = await previousContainer(world, place, doing);
    const returning = () => returnTo(world, place, previous, doing);
    const container = await keepDrained(world, { course, host: server }, doing, returning);
    if (previous && container !== undefined) return { container, release: previous.release };
    await giveBackEmptyHost(world, course, server, doing);
    return undefined;
  });
  if (old) await serveAgain(world, steps, { ...place, what: { host: server, ...old, port: end.port } });
}

/**
 * Nothing is in flight at the host. Where that cannot be reached it goes on serving what it runs now, if that is well:
 * a host that serves the wrong release is better than one that serves nobody.
 */
async function drainBack(world: World, steps: Steps, { course, host, end }: Place, floor: number): Promise<void> {
  const spec = rolloutSpecOf(course);
  const server = placeAt(course, host, end.port);
  const out = { hosts: [host.name], floor };
  const draining = steps("drain", capacityPatienceMs + spec.drainTimeoutMs + graceMs, async (doing) => {
    await waitForCapacity(world, course, out, { ...doing, patienceMs: capacityPatienceMs });
    await drainHost(world, course, server, { ...doing, spec });
  });
  const drained = await outcomeOf(draining);
  if (drained.ok) return;
  const serving = steps("admit", admitTimeoutMs(course), async (doing) => {
    const complaint = await complaintOfRunning(world, { course, host, end }, doing.signal);
    if (complaint) doing.progress(`it stays out of service: ${complaint}`);
    else await giveBackHost(world, course, server, doing);
  });
  await outcomeOf(serving);
  throw SlipwayError.fromRecord(drained.error);
}

/** The host's engine answers; fails with what keeps it from that when the patience is over. */
async function waitForHost(
  world: World,
  course: Course,
  host: HostSpec,
  { signal, progress, patienceMs }: Doing & { patienceMs: number },
): Promise<void> {
  const endsAt = world.clock.now() + patienceMs;
  for (;;) {
    const sight = await outcomeOf(world.containers.look(engineHost(course, host), sightWish(course), signal));
    if (sight.ok) return;
    signal.throwIfAborted();
    if (world.clock.now() >= endsAt) throw SlipwayError.fromRecord(sight.error);
    progress(`waits for ${host.name}: ${sight.error.message}`);
    await world.clock.sleep(lookAgainMs, signal);
  }
}

async function complaintOfRunning(world: World, { course, host, end }: Place, signal: AbortSignal) {
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const running = containers.find(({ state, hostPort }) => state === "running" && hostPort === end.port);
  const release = running && (await world.releases.get(course.release.service, running.release));
  if (!release) return "nothing of ours runs there";
  return complaintOf(world, course, { host, container: running.name, release, port: end.port }, signal);
}

/** What ran before runs again where there was something, and nothing else of the service does; resolves with its name. */
async function returnTo(
  world: World,
  { course, host, end }: Place,
  previous: Previous | undefined,
  doing: Doing,
): Promise<string | undefined> {
  const room: Room = {
    stop: await othersOn(world, course, { host, keep: end.previous[0] }, doing.signal),
    how: course.release.run.stop,
    async whenStopped() {
      await leaveOtherPlaces(world, course, { host, port: end.port }, doing);
      await distrustHost(world, course, placeAt(course, host, end.port), doing.signal);
    },
  };
  if (previous) return startPrevious(world, { course, host, previous }, room, doing);
  await stopAll(world, { course, host, names: room.stop }, doing);
  await room.whenStopped();
  return undefined;
}

/** What ran before is checked and serves as it did; what was not healthy then need not be now. */
async function serveAgain(world: World, steps: Steps, { what, ...place }: Place & { what: Checked }): Promise<void> {
  const { course, end } = place;
  const checking = steps("check", checkTimeoutMs({ release: what.release }), (doing) =>
    keepDrained(world, { course, host: what.host }, doing, () => checkHost(world, course, what, doing)),
  );
  const checked = await outcomeOf(checking);
  if (!checked.ok && !end.wasDown) throw SlipwayError.fromRecord(checked.error);
  if (!checked.ok) {
    await steps("admit", admitTimeoutMs(course), async (doing) => {
      doing.progress("it was out of service before: whether it serves is up to the balancer's own check");
      await giveBackEmptyHost(world, course, what.host, doing);
    });
    return;
  }
  await steps("admit", admitTimeoutMs(course), (doing) => admitChecked(world, course, what, doing));
  const look = (signal: AbortSignal) => complaintOf(world, course, what, signal);
  const bake = { host: what.host, bakeMs: 0, maxErrorPercent: 100, look };
  await steps("bake", admitTimeoutMs(course), (doing) => bakeHost(world, course, bake, doing));
}

/** The old place serves again before the new one is drained: nobody waits for a start. */
async function switchBack(world: World, steps: Steps, place: Place, patienceMs: number): Promise<void> {
  const { course, host, end } = place;
  const spec = rolloutSpecOf(course);
  const port = end.previousPort ?? end.port;
  const [oldPlace, newPlace] = [placeAt(course, host, port), placeAt(course, host, end.port)];
  const timeoutMs = patienceMs + replaceTimeoutMs(course) + pullTimeoutMs + spec.drainTimeoutMs + graceMs;
  const old = await steps("replace", timeoutMs, async (doing) => {
    await waitForHost(world, course, host, { ...doing, patienceMs });
    return oldBeside(world, place, doing);
  });
  const what = { host: oldPlace, container: old.container, release: old.release, port };
  await steps("check", checkTimeoutMs(old), (doing) =>
    // It has run all the while, and was never found bad.
    old.isRunning ? checkOnce(world, course, what, doing.signal) : checkHost(world, course, what, doing),
  );
  await steps("admit", admitTimeoutMs(course), (doing) => admitChecked(world, course, what, doing));
  await steps("drain", spec.drainTimeoutMs + graceMs + replaceTimeoutMs(course), async (doing) => {
    await drainHost(world, course, newPlace, { ...doing, spec });
    const names = await othersOn(world, course, { host, keep: old.container }, doing.signal);
    await keepDrained(world, { course, host: newPlace }, doing, () => stopAll(world, { course, host, names }, doing));
    await leavePlace(world, course, newPlace, doing);
  });
}

/** The old container runs in its place, which is drained first where it has to be started there. */
async function oldBeside(world: World, place: Place, doing: Doing): Promise<Omit<Previous, "wish">> {
  const { course, host, end } = place;
  const previous = await previousContainer(world, place, doing);
  if (!previous) throw new SlipwayError("not.found", `Nothing is known of what ran on ${host.name} before.`);
  const { wish: _, ...old } = previous;
  if (old.isRunning) return old;
  const port = end.previousPort ?? end.port;
  const oldPlace = placeAt(course, host, port);
  await drainHost(world, course, oldPlace, { ...doing, spec: rolloutSpecOf(course) });
  const container = await keepDrained(world, { course, host: oldPlace }, doing, async () => {
    // A rollout that was superseded may have left another container where the old one was.
    const stop = await othersOn(world, course, { host, keep: end.previous[0], port }, doing.signal);
    const whenStopped = () => distrustHost(world, course, oldPlace, doing.signal);
    const room = { stop, how: course.release.run.stop, whenStopped };
    return startPrevious(world, { course, host, previous }, room, doing);
  });
  return { ...old, container };
}

async function admitChecked(world: World, course: Course, what: Checked, doing: Doing): Promise<void> {
  await checkOnce(world, course, what, doing.signal);
  await admitHost(world, course, what.host, doing);
}

/** What runs there of the service beside the container to keep; what it ran before a superseded rollout counts as well. */
async function othersOn(
  world: World,
  course: Course,
  { host, keep, port }: { host: HostSpec; keep: string | undefined; port?: number },
  signal: AbortSignal,
): Promise<string[]> {
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  return containers
    .filter(({ name, state, hostPort }) => name !== keep && state !== "stopped" && (port ?? hostPort) === hostPort)
    .map(({ name }) => name);
}

async function stopAll(
  world: World,
  { course, host, names }: { course: Course; host: HostSpec; names: readonly string[] },
  { signal, progress, turn }: Doing,
): Promise<void> {
  for (const name of names) {
    progress(`stopping ${name}`);
    await world.containers.stop(hostTurn(course, host, turn), name, course.release.run.stop, signal);
  }
}
