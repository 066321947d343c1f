import type { Rollout } from "#core/rollout.ts";
import type { World } from "#workflows/world.ts";

const looksBack = 50;

/** The rollout of the same place that was superseded in the middle and that nobody has gone on with yet. */
export async function predecessorOf(world: World, { id, service, environment }: Rollout): Promise<Rollout | undefined> {
  const rollouts = await world.rollouts.list({ service, environment }, looksBack);
  const [last] = rollouts.filter((other) => other.id !== id && other.startedAt !== undefined);
  return last?.state === "superseded" && (last.touched?.length ?? 0) > 0 ? last : undefined;
}
