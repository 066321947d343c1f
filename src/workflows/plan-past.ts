import type { PastRollout } from "#core/plan.ts";
import type { HostStep, Rollout } from "#core/rollout.ts";
import { environmentSpecOf } from "#core/service.ts";
import type { World } from "#workflows/world.ts";

/** So many of the last good rollouts say how long one takes. */
const pastRollouts = 8;

/** What the last good rollouts of the place took, newest first, each part without what it baked. */
export async function pastOf(
  world: World,
  { service, environment }: { service: string; environment: string },
): Promise<readonly PastRollout[]> {
  const good = await world.rollouts.list({ service, environment, states: ["succeeded"] }, pastRollouts);
  return (await Promise.all(good.map((rollout) => pastRollout(world, rollout)))).flatMap((past) => past ?? []);
}

async function pastRollout(world: World, rollout: Rollout): Promise<PastRollout | undefined> {
  const { plan, receipt } = rollout;
  if (!plan || !receipt) return undefined;
  const { prepare, switch: switched, verify } = receipt.phasesMs ?? {};
  const hasPulled = plan.batches.some(({ hosts }) => hosts.some(({ pull }) => pull));
  return {
    strategy: plan.strategy,
    batchMs: batchTimes(rollout),
    ...(prepare === undefined || !hasPulled ? {} : { prepareMs: prepare }),
    ...(switched === undefined ? {} : { switchMs: Math.max(0, switched - (await bakedMs(world, rollout))) }),
    ...(verify === undefined ? {} : { verifyMs: verify }),
  };
}

const beforeBake: readonly HostStep[] = ["drain", "replace", "check", "admit"];

/** A batch takes as long as its slowest host. */
function batchTimes({ plan, receipt }: Rollout): readonly number[] {
  const took = new Map(
    (receipt?.hosts ?? [])
      .filter(({ outcome }) => outcome === "released")
      .map(({ host, stepsMs }) => [host, beforeBake.reduce((sum, step) => sum + (stepsMs[step] ?? 0), 0)]),
  );
  return (plan?.batches ?? []).flatMap(({ hosts }) => {
    const times = hosts.flatMap(({ name }) => took.get(name) ?? []);
    return times.length > 0 ? [Math.max(...times)] : [];
  });
}

async function bakedMs(world: World, { service, environment, release, reason }: Rollout): Promise<number> {
  if (reason === "rollback") return 0;
  const rolledOut = await world.releases.get(service, release);
  return rolledOut ? environmentSpecOf(rolledOut.environments, environment).rollout.bakeMs : 0;
}
