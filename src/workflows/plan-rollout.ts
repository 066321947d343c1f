import { SlipwayError } from "#core/errors.ts";
import type { HostSpec, NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import { makePlan } from "#core/make-plan.ts";
import type { BalancerTiming, HostSight, Plan } from "#core/plan.ts";
import type { Release } from "#core/release.ts";
import type { HostEnd, RolloutReason } from "#core/rollout.ts";
import { environmentSpecOf } from "#core/service.ts";
import type { ServerSight } from "#ports/balancer.ts";
import { balancersOf, engineHost, placeAt, portsOf, sightWish } from "#workflows/course.ts";
import { inOrderOfUse, servedBy, servesAt } from "#workflows/in-use.ts";
import { lockWords, personsLock } from "#workflows/persons-lock.ts";
import { secretVersionsFor } from "#workflows/secret-versions.ts";
import { noteSetAside } from "#workflows/set-aside.ts";
import type { World } from "#workflows/world.ts";

/** A person waits for a plan: a balancer that is being restarted is asked again, and one that is gone soon told of. */
const planPatience = { outageMs: 10_000 };

/** So many of the last good rollouts say how long a host takes. */
const pastRollouts = 5;

/** The hosts of a service in an environment. Fails with not.found when fleet.yaml has none. */
export function groupOf(
  world: World,
  service: string,
  environment: string,
): { group: ServiceGroup; network: NetworkSpec } {
  const fleet = world.fleet();
  const place = Object.hasOwn(fleet.environments, environment) ? fleet.environments[environment] : undefined;
  const group = place && Object.hasOwn(place.services, service) ? place.services[service] : undefined;
  const network = place && fleet.networks[place.network];
  if (!group || !network)
    throw new SlipwayError("not.found", `fleet.yaml has no service "${service}" in environment "${environment}".`, {
      advice: "Add its hosts under `environments` in fleet.yaml and start the server again.",
    });
  return { group, network };
}

export type PlanWish = {
  readonly release: Release;
  readonly environment: string;
  readonly reason: RolloutReason;
  readonly onlyHosts?: readonly string[];
  readonly inherited?: readonly HostEnd[];
};

/** Looks at every host and balancer, and decides. Touches nothing. */
export async function planRollout(world: World, wish: PlanWish, signal: AbortSignal): Promise<Plan> {
  const { release, environment, inherited = [], ...rest } = wish;
  const { group, network } = groupOf(world, release.service, environment);
  const place = { environment, release, group, network };
  const servers = lookAtBalancers(world, place, signal);
  const timings = timingsOf(world, place, signal);
  // When no host can be looked at nobody asks for it, and its failure must not be anybody's unhandled one.
  servers.catch(() => "each host that asks is told");
  const sights = await Promise.all(group.hosts.map((host) => lookAtHost(world, { ...place, host, servers }, signal)));
  await refuseMissingSecrets(world, wish);
  const lock = await personsLock(world, { service: release.service, environment });
  return makePlan({
    ...rest,
    ...(lock ? { lockedBy: lockWords(lock) } : {}),
    holds: [...(group.autoscaling ?? []), ...(group.alerts ?? [])].map(({ name }) => name),
    release,
    environment,
    group,
    sights: rest.reason === "correct" ? await noteSetAside(world, place, sights, signal) : sights,
    isProved: await isProvedFor(world, release, environment),
    inherited: inherited.map(({ host }) => host),
    timings: await timings,
    pastHostMs: await pastHostMs(world, release.service, environment),
    hasPrometheus: world.fleet().environments[environment]?.prometheus !== undefined,
  });
}

/** What the balancers tell of their own times: a plan that cannot learn it is made all the same. */
async function timingsOf(world: World, place: Place, signal: AbortSignal): Promise<readonly BalancerTiming[]> {
  const timings = balancersOf(place).map(async (at): Promise<BalancerTiming> => {
    const { longestRequestMs, checksToAdmit, checkIntervalMs } = await world.balancer.timers(at, signal);
    const admitMs = checksToAdmit !== undefined && checkIntervalMs !== undefined && checksToAdmit * checkIntervalMs;
    return {
      balancer: at.balancer.name,
      ...(longestRequestMs === undefined ? {} : { longestRequestMs }),
      ...(admitMs ? { admitMs } : {}),
    };
  });
  return (await Promise.allSettled(timings)).flatMap((told) => (told.status === "fulfilled" ? [told.value] : []));
}

type Place = { environment: string; release: Release; group: ServiceGroup; network: NetworkSpec };

const lookAtBalancers = (world: World, place: Place, signal: AbortSignal) =>
  Promise.all(balancersOf(place).map((at) => world.balancer.look(at, signal, planPatience)));

async function lookAtHost(
  world: World,
  place: Place & { host: HostSpec; servers: Promise<readonly (readonly ServerSight[])[]> },
  signal: AbortSignal,
): Promise<HostSight> {
  const { host, release } = place;
  try {
    const [sight, disk] = await Promise.all([
      world.containers.look(engineHost(place, host), sightWish(place), signal),
      world.disks.space(engineHost(place, host), signal),
    ]);
    const running = sight.containers.filter((container) => container.state === "running");
    const looks = await place.servers;
    const serverAt = (port: number) => placeAt(place, host, port).server;
    const [newest] = inOrderOfUse(running, ({ hostPort }) => servedBy(looks, serverAt(hostPort)));
    const port = newest?.hostPort ?? release.run.port;
    return {
      host: host.name,
      inService: isInService({ ...place, host: placeAt(place, host, port) }, looks),
      imagePresent: sight.digests.includes(release.image.digest),
      ...(newest ? { release: newest.release, digest: newest.digest, port } : {}),
      ...(sight.portTakenBy ? { portTakenBy: sight.portTakenBy } : {}),
      ...(disk ? { disk } : {}),
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

/** Every balancer has it in service; a server that a balancer does not know is a refusal of its own. */
function isInService({ host, group }: Place & { host: HostSpec }, seen: readonly (readonly ServerSight[])[]): boolean {
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

function failureRecord(world: World, thrown: unknown) {
  const error = SlipwayError.from(thrown);
  return { ...error.toRecord(), message: world.mask(error.message) };
}

async function refuseMissingSecrets(world: World, { release, environment, reason }: PlanWish): Promise<void> {
  const { service } = release;
  const versions = await secretVersionsFor(world, { service, environment, reason }, release);
  for (const name of release.run.secrets) await world.secrets.reveal(name, versions[name]);
}

async function isProvedFor(
  world: World,
  { service, number, environments }: Release,
  environment: string,
): Promise<boolean> {
  const from = environmentSpecOf(environments, environment).promote?.from;
  if (from === undefined) return true;
  const proofs = await world.rollouts.list({ service, environment: from, states: ["succeeded"] }, 200);
  return proofs.some((rollout) => rollout.release === number);
}

/** What each host of the last good rollouts took, all its steps together. */
async function pastHostMs(world: World, service: string, environment: string): Promise<readonly number[]> {
  const good = await world.rollouts.list({ service, environment, states: ["succeeded"] }, pastRollouts);
  return good
    .flatMap(({ receipt }) => receipt?.hosts ?? [])
    .filter(({ outcome }) => outcome === "released")
    .map(({ stepsMs }) => Object.values(stepsMs).reduce((sum, ms) => sum + ms, 0));
}
