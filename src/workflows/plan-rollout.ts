import { type ErrorRecord, SlipwayError } from "#core/errors.ts";
import type { NetworkSpec, ServiceGroup } from "#core/fleet.ts";
import { makePlan } from "#core/make-plan.ts";
import type { Plan, PlanInput } from "#core/plan.ts";
import type { Release } from "#core/release.ts";
import type { HostEnd, Rollout, RolloutReason } from "#core/rollout.ts";
import { environmentSpecOf } from "#core/service.ts";
import { isConfiguredAnew, lastGoodTime } from "#workflows/configuration-of-then.ts";
import { lockWords, personsLock } from "#workflows/persons-lock.ts";
import { sizePulls } from "#workflows/plan-images.ts";
import { pastOf } from "#workflows/plan-past.ts";
import { lookAtHosts, timingsOf } from "#workflows/plan-sights.ts";
import { noteSetAside } from "#workflows/set-aside.ts";
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

export type PlanWish = {
  readonly release: Release;
  readonly environment: string;
  readonly reason: RolloutReason;
  readonly onlyHosts?: readonly string[];
  readonly inherited?: readonly HostEnd[];
};

/** Looks at every host and balancer, and decides. Touches nothing. */
export const planRollout = async (world: World, wish: PlanWish, signal: AbortSignal): Promise<Plan> =>
  makePlan(await lookForPlan(world, wish, signal));

/** All that a plan is made of, as it is now. */
export async function lookForPlan(world: World, wish: PlanWish, signal: AbortSignal): Promise<PlanInput> {
  const { release, environment, inherited = [], ...rest } = wish;
  const { service } = release;
  const { group, network } = groupOf(world, service, environment);
  const place = { environment, release, group, network };
  const [seen, timings] = await Promise.all([lookAtHosts(world, place, signal), timingsOf(world, place, signal)]);
  const sights = rest.reason === "correct" ? await noteSetAside(world, place, seen, signal) : seen;
  const then = await lastGoodTime(world, { service, ...wish }, release);
  const lock = await personsLock(world, { service, environment });
  const isBack = rest.reason === "rollback" || rest.reason === "join" || rest.reason === "correct";
  return {
    ...rest,
    ...(lock ? { lockedBy: lockWords(lock) } : {}),
    holds: [...(group.autoscaling ?? []), ...(group.alerts ?? [])].map(({ name }) => name),
    release,
    environment,
    group,
    ...(await sizePulls(world, release.image, sights, signal)),
    isProved: await isProvedFor(world, release, environment),
    inherited: inherited.map(({ host }) => host),
    timings,
    past: await pastOf(world, { service, environment }),
    hasPrometheus: world.fleet().environments[environment]?.prometheus !== undefined,
    missingSecrets: await missingSecrets(world, wish, then),
    isConfiguredAnew: isBack && isConfiguredAnew(then, { release, group }),
  };
}

/** Those that the release runs with, and the one that its canary is measured with. */
async function missingSecrets(
  world: World,
  { release, environment }: PlanWish,
  then: Rollout | undefined,
): Promise<readonly ErrorRecord[]> {
  const versions = then?.secretVersions ?? {};
  const token = world.fleet().environments[environment]?.prometheus?.token;
  const queries = environmentSpecOf(release.environments, environment).rollout.canary?.queries ?? [];
  const needed = [
    ...release.run.secrets.map((name) => ({ name, version: versions[name] })),
    ...(token && queries.length > 0 ? [{ name: token.secret, version: undefined }] : []),
  ];
  const missing: ErrorRecord[] = [];
  for (const { name, version } of needed) {
    try {
      await world.secrets.reveal(name, version);
    } catch (thrown) {
      missing.push(SlipwayError.from(thrown).toRecord());
    }
  }
  return missing;
}

async function isProvedFor(
  world: World,
  { service, number, environments }: Release,
  environment: string,
): Promise<boolean> {
  const from = environmentSpecOf(environments, environment).promote?.from;
  if (from === undefined) return true;
  const [proof] = await world.rollouts.list({ service, environment: from, states: ["succeeded"], release: number }, 1);
  return proof !== undefined;
}
