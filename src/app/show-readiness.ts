import type { GivenOf } from "#contract/calls.ts";
import { outcomeOf } from "#engine/acts.ts";
import { engineHost, sightWish } from "#workflows/course.ts";
import { groupOf, planRollout } from "#workflows/plan-rollout.ts";
import type { Application } from "./application.ts";
import { rollBackTarget } from "./roll-back.ts";

const lookTimeoutMs = 20_000;

/** What a roll back would go to, which hosts hold its image, and how long it should take. Touches nothing. */
export async function showReadiness(
  { world }: Application,
  place: { service: string; environment: string },
): Promise<GivenOf<"readiness">> {
  const { service, environment } = place;
  const { group, network } = groupOf(world, service, environment);
  const target = await outcomeOf(rollBackTarget(world, place));
  const unknown = group.hosts.map(({ name }) => ({ name }));
  if (!target.ok) return { service, environment, hosts: unknown, ready: false };
  const { release } = target.value;
  const signal = AbortSignal.timeout(lookTimeoutMs);
  const wish = sightWish({ release, environment, group });
  const hosts = await Promise.all(
    group.hosts.map(async (host) => {
      const sight = await world.containers.look(engineHost({ network }, host), wish, signal).catch(() => undefined);
      return { name: host.name, ...(sight ? { holdsImage: sight.digests.includes(release.image.digest) } : {}) };
    }),
  );
  const plan = await planRollout(world, { release, environment, reason: "rollback" }, signal);
  return {
    service,
    environment,
    release: release.number,
    commit: release.commit,
    hosts,
    ...(plan.expectedSeconds === undefined ? {} : { expectedSeconds: plan.expectedSeconds }),
    ready: hosts.every(({ holdsImage }) => holdsImage === true),
  };
}
