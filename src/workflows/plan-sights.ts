import { SlipwayError } from "#core/errors.ts";
import type { HostSpec, NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import type { BalancerTiming, HostSight, SwitchedOff } from "#core/plan.ts";
import type { Release } from "#core/release.ts";
import type { ServerSight } from "#ports/balancer.ts";
import type { EngineSight } from "#ports/containers.ts";
import type { MachineSight } from "#ports/machines.ts";
import type { Hold } from "#ports/records.ts";
import { drainSubject } from "#workflows/balancing.ts";
import { balancersOf, engineHost, placeAt, portsOf, sightWish } from "#workflows/course.ts";
import { inOrderOfUse, servedBy, servesAt } from "#workflows/in-use.ts";
import type { World } from "#workflows/world.ts";

/** A person waits for a plan: a balancer that is being restarted is asked again, and one that is gone soon told of. */
const planPatience = { outageMs: 10_000 };

export type Place = { environment: string; release: Release; group: ServiceGroup; network: NetworkSpec };

type Looks = readonly (readonly ServerSight[])[];

/** Every host as its engine, its machine and the balancers show it now. Touches nothing. */
export async function lookAtHosts(world: World, place: Place, signal: AbortSignal): Promise<readonly HostSight[]> {
  const servers = Promise.all(balancersOf(place).map((at) => world.balancer.look(at, signal, planPatience)));
  // When no host can be looked at nobody asks for it, and its failure must not be anybody's unhandled one.
  servers.catch(() => "each host that asks is told");
  const drains = (await world.holds.all()).filter(({ kind }) => kind === "drain");
  return Promise.all(place.group.hosts.map((host) => lookAtHost(world, { ...place, host, servers, drains }, signal)));
}

type HostPlace = Place & { host: HostSpec; servers: Promise<Looks>; drains: readonly Hold[] };

async function lookAtHost(world: World, place: HostPlace, signal: AbortSignal): Promise<HostSight> {
  const { host, release } = place;
  try {
    const [sight, machine] = await Promise.all([
      world.containers.look(engineHost(place, host), sightWish(place), signal),
      world.machines.look(engineHost(place, host), signal),
    ]);
    const running = sight.containers.filter((container) => container.state === "running");
    const looks = await place.servers;
    const serverAt = (port: number) => placeAt(place, host, port).server;
    const [newest] = inOrderOfUse(running, ({ hostPort }) => servedBy(looks, serverAt(hostPort)));
    const port = newest?.hostPort ?? release.run.port;
    const portTaken = sight.portTaken ?? portOfStranger(place, sight, machine);
    return {
      host: host.name,
      inService: isInService({ ...place, host: placeAt(place, host, port) }, looks) && isServing(place, newest),
      imagePresent: sight.digests.includes(release.image.digest),
      switchedOff: switchedOff(place, looks, port),
      ...(newest ? { release: newest.release, digest: newest.digest, port } : {}),
      ...(portTaken ? { portTaken } : {}),
      ...(machine.disk ? { disk: machine.disk } : {}),
    };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const looks = await place.servers.catch(() => []);
    // Nobody can be asked what runs there: any of its places may be the one that serves.
    const inService =
      looks.length > 0 && portsOf(place).some((port) => servesAt(looks, placeAt(place, host, port).server));
    return { host: host.name, inService, imagePresent: false, error: failureRecord(world, thrown) };
  }
}

/** Without a balancer it is the container itself that serves. */
const isServing = ({ group }: Place, running: object | undefined): boolean =>
  group.balancers.length > 0 || running !== undefined;

/** Every balancer has it in service; a server that a balancer does not know is a refusal of its own. */
function isInService({ host, group }: HostPlace, seen: Looks): boolean {
  return group.balancers.every((balancer, index) => {
    const server = seen[index]?.find((candidate) => candidate.server === host.server);
    if (!server)
      throw new SlipwayError(
        "balancer.unknown-server",
        `The balancer ${balancer.name} has no server "${host.server}" in its backend; it has ${seen[index]?.map((known) => known.server).join(", ") || "none"}.`,
      );
    return server.state === "in-service";
  });
}

/** A program without a container listens where ours would; that of a container of ours is no stranger. */
function portOfStranger(place: Place, { containers }: EngineSight, { listening = [] }: MachineSight) {
  const ours = containers.filter(({ state }) => state !== "stopped").map(({ hostPort }) => hostPort);
  const port = portsOf(place).find((wanted) => listening.includes(wanted) && !ours.includes(wanted));
  return port === undefined ? undefined : { port, by: "a program of the host" };
}

/** What a rollout of ours has drained, or drains just now, is not somebody else's wish. */
function switchedOff(place: HostPlace, looks: Looks, portInUse: number): readonly SwitchedOff[] {
  const { host, drains } = place;
  return portsOf(place).flatMap((port) => {
    const { server } = placeAt(place, host, port);
    return balancersOf(place).flatMap((at, index): SwitchedOff[] => {
      const state = looks[index]?.find((sight) => sight.server === server)?.state;
      if (state !== "draining" && state !== "maintenance") return [];
      const hold = drains.find(({ subject }) => subject === drainSubject(at, { server }));
      if (hold && hold.before !== "draining" && hold.before !== "maintenance") return [];
      return [{ balancer: at.balancer.name, server, state, isInUse: port === portInUse }];
    });
  });
}

function failureRecord(world: World, thrown: unknown) {
  const error = SlipwayError.from(thrown);
  return { ...error.toRecord(), message: world.mask(error.message) };
}

/** What the balancers tell of their own times, and fleet.yaml of what they do not; a plan is made without them too. */
export const timingsOf = (world: World, place: Place, signal: AbortSignal): Promise<readonly BalancerTiming[]> =>
  Promise.all(
    balancersOf(place).map(async (at): Promise<BalancerTiming> => {
      const { name: balancer, checkIntervalMs } = at.balancer;
      const written = checkIntervalMs === undefined ? {} : { checkIntervalMs };
      try {
        return { balancer, ...written, ...(await world.balancer.timers(at, signal)) };
      } catch (thrown) {
        signal.throwIfAborted();
        return { balancer, ...written, untold: failureRecord(world, thrown).message };
      }
    }),
  );
