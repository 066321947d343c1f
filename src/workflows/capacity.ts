import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { HostSpec, ServiceGroup } from "#core/fleet.ts";
import { outcomeOf } from "#engine/acts.ts";
import type { Doing } from "#workflows/act.ts";
import { restartPatience } from "#workflows/balancing.ts";
import { balancersOf, type Course, engineHost, placeAt, portsOf, sightWish, widenedGroup } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

const lookAgainMs = 1_000;

/** Hosts that are to go out of service together, and how many must be left. */
export type TakenOut = { readonly hosts: readonly string[]; readonly floor: number };

/**
 * Enough hosts stay in service when those are taken out: at once, or when others have come back within the patience.
 * Fails with capacity.lost otherwise, or with what keeps everybody from knowing.
 */
export async function waitForCapacity(
  world: World,
  course: Course,
  out: TakenOut,
  { signal, progress, patienceMs }: Pick<Doing, "signal" | "progress"> & { patienceMs: number },
): Promise<void> {
  const endsAt = world.clock.now() + patienceMs;
  for (;;) {
    const lost = await lostCapacity(world, course, out, signal);
    if (!lost) return;
    if (world.clock.now() >= endsAt) throw SlipwayError.fromRecord(lost);
    progress(`waits for other hosts: ${lost.message}`);
    await world.clock.sleep(lookAgainMs, signal);
  }
}

/** Why taking those hosts out together would leave too few in service now, whoever took the others out. */
export async function lostCapacity(
  world: World,
  course: Course,
  out: TakenOut,
  signal: AbortSignal,
): Promise<ErrorRecord | undefined> {
  if (out.floor <= 0 || out.hosts.length === 0) return undefined;
  if (course.group.balancers.length === 0) return lostWorkers(world, course, out, signal);
  for (const at of balancersOf(course)) {
    const outcome = await outcomeOf(world.balancer.look(at, signal, restartPatience));
    signal.throwIfAborted();
    // Nobody knows what is in service: as good as lost, and decided like it.
    if (!outcome.ok) return outcome.error;
    const serving = outcome.value.filter(({ state }) => state === "in-service").map(({ server }) => server);
    const lost = shortage(course, out, { where: at.balancer.name, ...split(world, course, out, serving) });
    if (lost) return lost;
  }
  return undefined;
}

/** Hosts without a balancer serve where their container runs. */
async function lostWorkers(world: World, course: Course, out: TakenOut, signal: AbortSignal) {
  const runs = async (host: HostSpec) => {
    const looking = world.containers.look(engineHost(course, host), sightWish(course), signal);
    const sight = await outcomeOf(looking);
    return sight.ok && sight.value.containers.some(({ state }) => state === "running");
  };
  const hosts = groupInForce(world, course)?.hosts ?? course.group.hosts;
  const isRunning = await Promise.all(hosts.map(runs));
  signal.throwIfAborted();
  const running = hosts.filter((_, index) => isRunning[index]).map(({ name }) => name);
  const others = running.filter((name) => !out.hosts.includes(name)).length;
  return shortage(course, out, { where: "its hosts", others, taken: running.length - others });
}

type Seen = { readonly where: string; readonly others: number; readonly taken: number };

/** What does not serve now costs nothing when it is taken out. */
function shortage({ release }: Course, { hosts, floor }: TakenOut, { where, others, taken }: Seen) {
  if (taken === 0 || others >= floor) return undefined;
  return new SlipwayError(
    "capacity.lost",
    `Taking ${hosts.join(", ")} out would leave ${others} hosts of ${release.service} in service at ${where}; ${floor} are asked for.`,
  ).toRecord();
}

/**
 * How many of the hosts in service are taken out, and how many are not: those of the group in force, and those that have
 * left it and serve still. Where the service has left fleet.yaml altogether, every other server of the backend counts.
 */
function split(world: World, course: Course, { hosts }: TakenOut, serving: readonly string[]) {
  const inForce = groupInForce(world, course);
  const own = serversOf(course, course.group, (name) => hosts.includes(name));
  const all = inForce && widenedGroup(inForce, course.group);
  const known = all && serversOf(course, all, (name) => !hosts.includes(name));
  const isServing = (servers: readonly string[]) => servers.some((server) => serving.includes(server));
  const others = known
    ? [...known.values()].filter(isServing).length
    : serving.filter((server) => ![...own.values()].flat().includes(server)).length;
  return { others, taken: [...own.values()].filter(isServing).length };
}

/** The names by which the balancers know each host's places. */
const serversOf = ({ release }: Course, group: ServiceGroup, isWanted: (name: string) => boolean) =>
  new Map(
    group.hosts
      .filter(({ name }) => isWanted(name))
      .map((host) => [host.name, portsOf({ release, group }).map((port) => placeAt({ group }, host, port).server)]),
  );

const groupInForce = (world: World, { environment, release }: Course): ServiceGroup | undefined =>
  world.fleet().environments[environment]?.services[release.service];
