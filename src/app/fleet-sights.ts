import { SlipwayError } from "#core/errors.ts";
import type { HostSpec, NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import type { ServerSight } from "#ports/balancer.ts";
import type { Changes } from "#ports/records.ts";
import { portsOf } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

export type HostView = {
  readonly release?: number;
  readonly digest?: string;
  readonly inService?: boolean;
  readonly balancerState?: string;
  readonly problem?: string;
  readonly seenAt: string;
};

/** Between two looks at the fleet, counted from the end of one to the beginning of the next. */
const lookEveryMs = 5_000;
const lookTimeoutMs = 10_000;
/** After a step of a rollout the fleet is looked at so soon: a person is watching. */
const lookSoonMs = 250;

/**
 * What the hosts and balancers were seen to be a moment ago, for people to look at. No decision is made on it: a plan
 * and every step look for themselves.
 */
export class FleetSights {
  readonly #world: World;
  readonly #changes: Changes;
  readonly #views = new Map<string, HostView>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;
  #isLooking = false;
  #unfollow: () => void = () => {};

  constructor(world: World, changes: Changes) {
    this.#world = world;
    this.#changes = changes;
  }

  of(environment: string, service: string, host: string): HostView | undefined {
    return this.#views.get(keyOf(environment, service, host));
  }

  start(): void {
    this.#unfollow = this.#changes.follow((topic) => {
      if (topic.startsWith("rollout/") && !this.#isLooking) this.#lookLater(lookSoonMs);
    });
    this.#lookLater(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unfollow();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #lookLater(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#isLooking = true;
      this.#looking = this.#lookAtAll().finally(() => {
        this.#isLooking = false;
        this.#lookLater(lookEveryMs);
      });
    }, ms);
  }

  async #lookAtAll(): Promise<void> {
    const fleet = this.#world.fleet();
    for (const [environment, place] of Object.entries(fleet.environments)) {
      const network = fleet.networks[place.network];
      if (!network) continue;
      for (const [service, group] of Object.entries(place.services)) {
        if (this.#isStopped) return;
        await this.#lookAtGroup({ environment, service, group, network });
      }
    }
  }

  async #lookAtGroup(at: GroupPlace): Promise<void> {
    const signal = AbortSignal.timeout(lookTimeoutMs);
    const servers = lookAtBalancers(this.#world, at, signal);
    const views = await Promise.all(
      at.group.hosts.map((host) => lookAtHost(this.#world, { ...at, host }, servers, signal)),
    );
    for (const [index, view] of views.entries()) {
      const key = keyOf(at.environment, at.service, at.group.hosts[index]?.name ?? "");
      if (!isSame(this.#views.get(key), view)) this.#changes.tell("overview");
      this.#views.set(key, view);
    }
  }
}

type GroupPlace = { environment: string; service: string; group: ServiceGroup; network: NetworkSpec };
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

async function lookAtHost(
  world: World,
  at: GroupPlace & { host: HostSpec },
  looking: Promise<Balancers>,
  signal: AbortSignal,
): Promise<HostView> {
  const seenAt = new Date(world.clock.now()).toISOString();
  const { servers, problem } = await looking;
  const mine = servers.filter((server) => server.server === at.host.server);
  const worst = mine.find((server) => server.state !== "in-service") ?? mine[0];
  const balancing = {
    ...(at.group.balancers.length > 0 && mine.length > 0
      ? { inService: mine.every(({ state }) => state === "in-service") }
      : {}),
    ...(worst ? { balancerState: inWords(worst) } : {}),
  };
  try {
    const [release] = await world.releases.list(at.service, 1);
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
    return { seenAt, ...balancing, ...live, ...(problem ? { problem } : {}) };
  } catch (thrown) {
    return { seenAt, ...balancing, problem: world.mask(SlipwayError.from(thrown).message) };
  }
}

/** The balancer's own words are of use only where something is amiss. */
const inWords = ({ state, reason }: ServerSight): string =>
  reason && state !== "in-service" ? `${state}: ${reason}` : state;

const keyOf = (environment: string, service: string, host: string): string => `${environment} ${service} ${host}`;

const isSame = (before: HostView | undefined, now: HostView): boolean =>
  JSON.stringify({ ...before, seenAt: "" }) === JSON.stringify({ ...now, seenAt: "" });
