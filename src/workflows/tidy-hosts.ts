import type { HostSpec } from "#core/fleet.ts";
import { isRepair } from "#core/rollout.ts";
import { type Course, engineHost, hostTurn, sightWish } from "#workflows/course.ts";
import type { Releasing } from "#workflows/releasing.ts";
import type { World } from "#workflows/world.ts";

const pruneTimeoutMs = 5 * 60_000;
/** The images of so many good releases of every environment stay on its hosts: a roll back needs no registry. */
const keptReleases = 5;
const looksBack = 100;

/** Old containers are gone, and images beyond those that are kept; a host that cannot be tidied now is later. */
export const tidyHosts = ({ run, world, course, visited }: Releasing): Promise<void> =>
  run.step("tidy hosts", pruneTimeoutMs, async (signal) => {
    const keepDigests = await digestsToKeep(world, course);
    const { repository } = course.release.image;
    const turn = await world.turns.next();
    const tidy = async (host: HostSpec) => {
      const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
      const names = containers
        .filter(({ state, rollout }) => state === "stopped" && rollout !== course.rolloutNumber)
        .map(({ name }) => name);
      await world.containers.prune(hostTurn(course, host, turn), { names, repository, keepDigests }, signal);
    };
    // What a repair did not visit may hold what somebody else must still look at.
    const isOurs = ({ name }: HostSpec) => !isRepair(course.reason) || visited.some(({ host }) => host === name);
    await Promise.allSettled(course.group.hosts.filter(isOurs).map(tidy));
  });

/** Of every environment that shares a host: what is live there, and what people may go back to. */
async function digestsToKeep(world: World, { release, group, environment }: Course): Promise<readonly string[]> {
  const { service } = release;
  const kept = new Set([release.number]);
  for (const place of [environment, ...neighbours(world, { service, group, environment })]) {
    const good = await world.rollouts.list({ service, environment: place, states: ["succeeded"] }, looksBack);
    const releases = [...new Set(good.map((rollout) => rollout.release))];
    for (const number of releases.slice(0, keptReleases)) kept.add(number);
  }
  const releases = await Promise.all([...kept].map((number) => world.releases.get(service, number)));
  return [...new Set(releases.flatMap((known) => (known ? [known.image.digest] : [])))];
}

/** The service's other environments on any of these machines. */
function neighbours(
  world: World,
  { service, group, environment }: { service: string; group: Course["group"]; environment: string },
): readonly string[] {
  const addresses = new Set(group.hosts.map(({ address }) => address));
  return Object.entries(world.fleet().environments)
    .filter(([name, { services }]) => name !== environment && Object.hasOwn(services, service))
    .filter(([, { services }]) => services[service]?.hosts.some(({ address }) => addresses.has(address)))
    .map(([name]) => name);
}
