import { SlipwayError } from "#core/errors.ts";
import type { HostSpec, NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { ServerSight } from "#ports/balancer.ts";
import { placeAt, portsOf } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";
import type { HostView } from "./fleet-sights.ts";

export type GroupPlace = {
  readonly environment: string;
  readonly service: string;
  readonly group: ServiceGroup;
  readonly network: NetworkSpec;
};

/** What runs on each host of the group and how the balancers have it, in the order of the hosts; not judged yet. */
export async function lookAtGroup(world: World, at: GroupPlace, signal: AbortSignal): Promise<readonly HostView[]> {
  const servers = lookAtBalancers(world, at, signal);
  const [release] = await world.releases.list(at.service, 1);
  return Promise.all(at.group.hosts.map((host) => lookAtHost(world, { ...at, host, release, servers }, signal)));
}

type Balancers = { readonly servers: readonly ServerSight[]; readonly problem?: string };

async function lookAtBalancers(world: World, { group, network }: GroupPlace, signal: AbortSignal): Promise<Balancers> {
  try {
    const seen = await Promise.all(
      group.balancers.map((balancer) => world.balancer.look({ network, balancer }, signal)),
    );
    return { servers: seen.flat() };
  } catch (thrown) {
    return { servers: [], problem: world.mask(SlipwayError.from(thrown).message) };
  }
}

type HostPlace = GroupPlace & {
  readonly host: HostSpec;
  /** The newest of the service, where there is one. */
  readonly release: Release | undefined;
  readonly servers: Promise<Balancers>;
};

async function lookAtHost(world: World, { release, ...at }: HostPlace, signal: AbortSignal): Promise<HostView> {
  const seenAt = new Date(world.clock.now()).toISOString();
  const { servers, problem } = await at.servers;
  try {
    const what = {
      service: at.service,
      environment: at.environment,
      repository: release?.image.repository ?? at.service,
      ports: release ? portsOf({ release, group: at.group }) : [],
      network: release?.run.network ?? ("bridge" as const),
    };
    const { containers } = await world.containers.look({ network: at.network, host: at.host }, what, signal);
    const running = containers.filter(({ state }) => state === "running").sort((a, b) => b.rollout - a.rollout)[0];
    const live = running ? { release: running.release, digest: running.digest } : {};
    const balancing = balancingOf(at, placeAt(at, at.host, running?.hostPort ?? 0), servers);
    return { seenAt, sight: "seen", ...balancing, ...live, ...(problem ? { problem } : {}) };
  } catch (thrown) {
    const away = world.mask(SlipwayError.from(thrown).message);
    return { seenAt, sight: "away", ...balancingOf(at, at.host, servers), problem: away };
  }
}

function balancingOf({ group }: GroupPlace, { server: name }: HostSpec, servers: readonly ServerSight[]) {
  const mine = servers.filter(({ server }) => server === name);
  const worst = mine.find(({ state }) => state !== "in-service") ?? mine[0];
  return {
    ...(group.balancers.length > 0 && mine.length > 0
      ? { inService: mine.every(({ state }) => state === "in-service") }
      : {}),
    ...(worst ? { balancerState: inWords(worst) } : {}),
  };
}

/** The balancer's own words are of use only where something is amiss. */
const inWords = ({ state, reason }: ServerSight): string =>
  reason && state !== "in-service" ? `${state}: ${reason}` : state;
