import { type Drift, driftOf, type Live } from "#core/drift.ts";
import { SlipwayError } from "#core/errors.ts";
import type { HostSpec, NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import type { ServerSight } from "#ports/balancer.ts";
import type { Changes } from "#ports/records.ts";
import { placeAt, portsOf } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

export type HostView = {
  readonly release?: number;
  readonly digest?: string;
  readonly inService?: boolean;
  readonly balancerState?: string;
  readonly problem?: string;
  /** Only `judged` was held against what should run there: not before the first good rollout, nor during one. */
  readonly sight: "away" | "seen" | "judged";
  /** How it differs from that. */
  readonly drift?: Drift & { readonly since: string };
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

  readonly #onLooked: () => Promise<void>;

  /** `onLooked` is called after every look at the whole fleet; the next begins when it has resolved. */
  constructor(world: World, changes: Changes, onLooked: () => Promise<void> = async () => {}) {
    this.#world = world;
    this.#changes = changes;
    this.#onLooked = onLooked;
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
    await this.#onLooked();
  }

  async #lookAtGroup(at: GroupPlace): Promise<void> {
    const signal = AbortSignal.timeout(lookTimeoutMs);
    const servers = lookAtBalancers(this.#world, at, signal);
    const live = await liveIn(this.#world, at);
    const views = await Promise.all(
      at.group.hosts.map((host) => lookAtHost(this.#world, { ...at, host }, servers, signal)),
    );
    for (const [index, view] of views.entries()) {
      const key = keyOf(at.environment, at.service, at.group.hosts[index]?.name ?? "");
      const before = this.#views.get(key);
      const drifted = live ? withDrift(view, live, before) : view;
      if (!isSame(before, drifted)) this.#changes.tell("overview");
      this.#views.set(key, drifted);
    }
  }
}

type GroupPlace = { environment: string; service: string; group: ServiceGroup; network: NetworkSpec };
/** What should run there; undefined before the first good rollout, and while one is under way. */
async function liveIn({ rollouts, releases }: World, { service, environment }: GroupPlace): Promise<Live | undefined> {
  const place = { service, environment };
  const [open] = await rollouts.list({ ...place, states: ["waiting", "running", "paused"] }, 1);
  const [good] = open ? [] : await rollouts.list({ ...place, states: ["succeeded"] }, 1);
  const release = good && (await releases.get(service, good.release));
  return release && { release: release.number, digest: release.image.digest };
}

/** A difference that lasts keeps the time at which it was first seen. */
function withDrift(view: HostView, live: Live, before: HostView | undefined): HostView {
  const drift = driftOf(view, live);
  const sight = view.sight === "away" ? "away" : "judged";
  if (!drift) return { ...view, sight };
  const since = before?.drift?.kind === drift.kind ? before.drift.since : view.seenAt;
  return { ...view, sight, drift: { ...drift, since } };
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

async function lookAtHost(
  world: World,
  at: GroupPlace & { host: HostSpec },
  looking: Promise<Balancers>,
  signal: AbortSignal,
): Promise<HostView> {
  const seenAt = new Date(world.clock.now()).toISOString();
  const { servers, problem } = await looking;
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

const keyOf = (environment: string, service: string, host: string): string => `${environment} ${service} ${host}`;

const isSame = (before: HostView | undefined, now: HostView): boolean =>
  JSON.stringify({ ...before, seenAt: "" }) === JSON.stringify({ ...now, seenAt: "" });
