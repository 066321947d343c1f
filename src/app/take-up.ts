import type { Engine } from "#engine/run.ts";
import { rollout } from "#workflows/rollout.ts";
import type { World } from "#workflows/world.ts";
import { rolloutQueue } from "./start-rollout.ts";
import { startDeliveries } from "./watch-sources.ts";

/**
 * What was recorded and not yet started when a server died is started now; what was started resumes by itself, and
 * starting it again does nothing.
 */
export async function takeUp(world: World, engine: Engine): Promise<void> {
  await startDeliveries(world, engine, () => true);
  const open = await world.rollouts.list({ states: ["waiting", "running", "paused"] }, 1_000);
  for (const waiting of open.toReversed())
    await engine.start(rollout(world), waiting.id, { rolloutId: waiting.id }, rolloutQueue(waiting));
}
