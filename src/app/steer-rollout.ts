import { SlipwayError } from "#core/errors.ts";
import { isFinal, type Rollout } from "#core/rollout.ts";
import { approvalTopic } from "#workflows/rollout-gates.ts";
import type { Application } from "./application.ts";
import { findRollout } from "./find.ts";

/** A waiting rollout ends at once; one that runs ends at its next gate and puts back what it changed. */
export async function cancelRollout({ world }: Application, id: string): Promise<Rollout> {
  const kept = await findRollout(world, id);
  if (isFinal(kept.state))
    throw new SlipwayError("input.invalid", `Rollout ${kept.number} has ended already (${kept.state}).`, {
      advice: "Nothing to do.",
    });
  const cancelledBy = "a person with the token";
  if (kept.state === "waiting")
    return world.rollouts.update(kept.id, {
      state: "cancelled",
      cancelledBy,
      endedAt: new Date(world.clock.now()).toISOString(),
    });
  return world.rollouts.update(kept.id, { cancelledBy });
}

/** A rollout that waits at its approval gate goes on. */
export async function approveRollout({ world, engine }: Application, id: string): Promise<Rollout> {
  const kept = await findRollout(world, id);
  const timeline = await world.timeline.of(kept.id);
  const waits = timeline.filter((event) => event.step === "approve").at(-1)?.phase === "started";
  if (isFinal(kept.state) || !waits)
    throw new SlipwayError("input.invalid", `Rollout ${kept.number} does not wait for an approval.`, {
      advice: "Nothing to do.",
    });
  await engine.signal(kept.id, approvalTopic, "a person with the token");
  return kept;
}
