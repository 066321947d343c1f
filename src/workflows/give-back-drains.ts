import type { HostSpec } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { Workflow } from "#engine/run.ts";
import type { BalancerAt } from "#ports/balancer.ts";
import type { Hold } from "#ports/records.ts";
import { balancersOf, engineHost, placeAt, portsOf, sightWish } from "#workflows/course.ts";
import { groupOf } from "#workflows/plan-rollout.ts";
import type { World } from "#workflows/world.ts";

const giveBackTimeoutMs = 2 * 60_000;

/**
 * Hosts that a dead rollout left drained serve again, where they run the live release and answer well. It stands in the
 * queue of the place's rollouts, so that none of them drains the same host meanwhile.
 */
export const giveBackDrains = (
  world: World,
): Workflow<{ service: string; environment: string }, readonly string[]> => ({
  name: "give-back-drains",
  run: (run, place) =>
    run.step("give back", giveBackTimeoutMs, async (signal) => {
      const given: string[] = [];
      for (const hold of await drainsOf(world, place)) {
        if (!(await canServe(world, hold, signal))) continue;
        await giveBack(world, hold, signal);
        given.push(hold.subject);
      }
      return given;
    }),
});

/** Drains of the place that were not there because of somebody else. */
export const drainsOf = async (world: World, place: { service: string; environment: string }): Promise<Hold[]> =>
  (await world.holds.all()).filter(
    ({ kind, service, environment }) =>
      kind === "drain" && service === place.service && environment === place.environment,
  );

/**
 * Whether the host may have traffic again: the live release runs at that very place and answers well now. A drain of
 * what a person had taken out before is no wish of ours: it is only forgotten.
 */
export async function canServe(world: World, hold: Hold, signal: AbortSignal): Promise<boolean> {
  if (isOthersWish(hold)) return true;
  const found = await hostOf(world, hold);
  if (!found) return false;
  const { course, host } = found;
  const port = portsOf(course).find((candidate) => placeAt(course, host, candidate).server === hold.server);
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const runsLive = containers.some(
    ({ state, release, hostPort }) => state === "running" && release === course.release.number && hostPort === port,
  );
  if (port === undefined || !runsLive) return false;
  const { health } = course.release.run;
  if (!health) return true;
  const { path, timeoutMs } = health;
  const answer = await world.checks.get(engineHost(course, host), { port, path, timeoutMs }, signal);
  return answer.status >= 200 && answer.status < 300;
}

async function giveBack(world: World, hold: Hold, signal: AbortSignal): Promise<void> {
  const found = isOthersWish(hold) ? undefined : await hostOf(world, hold);
  for (const at of found ? balancersOf(found.course).filter((at) => subjectOf(at, hold) === hold.subject) : [])
    await world.balancer.admit(at, hold.server ?? "", signal);
  await world.holds.release(hold.id);
}

const isOthersWish = ({ before }: Hold): boolean => before === "maintenance" || before === "draining";

/** As the drain's own record names it. */
export const subjectOf = ({ balancer }: BalancerAt, { server }: Pick<Hold, "server">): string =>
  `${balancer.socket} ${balancer.backend}/${server}`;

type Found = {
  readonly course: ReturnType<typeof groupOf> & { readonly release: Release; readonly environment: string };
  readonly host: HostSpec;
};

/** Undefined where the host or the service has left the fleet, or was never live. */
async function hostOf(world: World, { service, environment, host: name }: Hold): Promise<Found | undefined> {
  if (!world.fleet().environments[environment]?.services[service]) return undefined;
  const place = groupOf(world, service, environment);
  const [good] = await world.rollouts.list({ service, environment, states: ["succeeded"] }, 1);
  const release = good && (await world.releases.get(service, good.release));
  const host = place.group.hosts.find((candidate) => candidate.name === name);
  return release && host ? { course: { ...place, release, environment }, host } : undefined;
}
