import { SlipwayError } from "#core/errors.ts";
import type { HostSpec, NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import { makePlan } from "#core/make-plan.ts";
import type { HostSight, Plan } from "#core/plan.ts";
import type { Release } from "#core/release.ts";
import type { RolloutReason } from "#core/rollout.ts";
import { environmentSpecOf } from "#core/service.ts";
import type { ServerSight } from "#ports/balancer.ts";
import type { World } from "#workflows/world.ts";

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

/** Looks at every host and balancer, and decides. Touches nothing. */
export async function planRollout(
  world: World,
  what: { release: Release; environment: string; reason: RolloutReason },
  signal: AbortSignal,
): Promise<{ plan: Plan; group: ServiceGroup; network: NetworkSpec }> {
  const { release, environment } = what;
  const { group, network } = groupOf(world, release.service, environment);
  const place = { environment, release, group, network };
  const servers = lookAtBalancers(world, place, signal);
  // When no host can be looked at nobody asks for it, and its failure must not be anybody's unhandled one.
  servers.catch(() => "each host that asks is told");
  const sights = await Promise.all(group.hosts.map((host) => lookAtHost(world, { ...place, host, servers }, signal)));
  await refuseMissingSecrets(world, release);
  const isProved = await isProvedFor(world, release, environment);
  return { plan: makePlan({ ...what, group, sights, isProved }), group, network };
}

type Place = { environment: string; release: Release; group: ServiceGroup; network: NetworkSpec };

async function lookAtBalancers(world: World, { group, network }: Place, signal: AbortSignal) {
  return Promise.all(group.balancers.map((balancer) => world.balancer.look({ network, balancer }, signal)));
}

async function lookAtHost(
  world: World,
  place: Place & { host: HostSpec; servers: Promise<readonly (readonly ServerSight[])[]> },
  signal: AbortSignal,
): Promise<HostSight> {
  const { host, release, environment, network } = place;
  const { service, image, run } = release;
  try {
    const what = { service, environment, repository: image.repository, port: run.port, network: run.network };
    const sight = await world.containers.look({ network, host }, what, signal);
    const running = sight.containers.filter((container) => container.state === "running");
    const newest = running.sort((a, b) => b.rollout - a.rollout)[0];
    return {
      host: host.name,
      inService: isInService(place, await place.servers),
      imagePresent: sight.digests.includes(image.digest),
      ...(newest ? { release: newest.release, digest: newest.digest } : {}),
      ...(sight.portTakenBy ? { portTakenBy: sight.portTakenBy } : {}),
    };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { host: host.name, inService: false, imagePresent: false, error: failureRecord(world, thrown) };
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

async function refuseMissingSecrets(world: World, release: Release): Promise<void> {
  for (const name of release.run.secrets) await world.secrets.reveal(name);
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
