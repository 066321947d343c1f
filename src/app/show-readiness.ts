import type { GivenOf } from "#contract/calls.ts";
import { makePlan } from "#core/make-plan.ts";
import type { HostSight } from "#core/plan.ts";
import type { Release } from "#core/release.ts";
import { outcomeOf } from "#engine/acts.ts";
import { liveIn } from "#workflows/live-release.ts";
import { groupOf, lookForPlan } from "#workflows/plan-rollout.ts";
import type { World } from "#workflows/world.ts";
import { openIn, type PlaceOf, rollBackTarget } from "./roll-back.ts";

const lookTimeoutMs = 20_000;

type Readiness = GivenOf<"readiness">;

/** What a roll back would go to, which hosts hold its image, how long it should take, what refuses it. Touches nothing. */
export async function showReadiness({ world }: { readonly world: World }, place: PlaceOf): Promise<Readiness> {
  const { service, environment } = place;
  const { group } = groupOf(world, service, environment);
  const [live, open] = [await liveIn(world, place), await openIn(world, place)];
  const known = {
    service,
    environment,
    ...(live && !live.left ? { live: live.release.number } : {}),
    ...(open ? { underWay: underWay(open) } : {}),
  };
  const target = await outcomeOf(rollBackTarget(world, place));
  const looked = target.ok ? await outcomeOf(lookedAt(world, place, target.value.release)) : target;
  if (looked.ok) return { ...known, ...looked.value };
  const { message: reason, advice } = looked.error;
  return { ...known, hosts: group.hosts.map(({ name }) => ({ name })), refusals: [{ reason, advice }], ready: false };
}

const underWay = ({ number, state, release, pause }: NonNullable<Awaited<ReturnType<typeof openIn>>>) => ({
  number,
  state,
  release,
  ...(pause ? { pause } : {}),
});

async function lookedAt(world: World, { environment }: PlaceOf, release: Release) {
  const wish = { release, environment, reason: "rollback" as const };
  const input = await lookForPlan(world, wish, AbortSignal.timeout(lookTimeoutMs));
  const { expectedSeconds, refusals } = makePlan(input);
  const hosts = input.sights.map(hostOf);
  return {
    release: release.number,
    commit: release.commit,
    hosts,
    ...(expectedSeconds === undefined ? {} : { expectedSeconds }),
    refusals: refusals.map(({ reason, advice }) => ({ reason, advice })),
    ready: refusals.length === 0 && hosts.every(({ holdsImage }) => holdsImage === true),
  };
}

const hostOf = ({ host: name, error, imagePresent }: HostSight): Readiness["hosts"][number] =>
  error ? { name } : { name, holdsImage: imagePresent };
