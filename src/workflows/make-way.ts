import { type Rollout, replacesWaiting } from "#core/rollout.ts";
import type { World } from "#workflows/world.ts";

/** The topic on which a rollout that waits at its approval gate hears of it. */
export const approvalTopic = "approve";

/** What a rollout at its approval gate hears: a person's word, or the number of a newer rollout that takes its place. */
export type ApprovalWord = { readonly approvedBy: string } | { readonly newer: number } | "cancel";

export async function waitsForApproval({ timeline }: Pick<World, "timeline">, { id }: Pick<Rollout, "id">) {
  return (await timeline.of(id)).findLast(({ step }) => step === "approve")?.phase === "started";
}

/** The rollout at its approval gate whose place that one takes, as it would if the other still waited in line. */
export async function makesWay(world: World, made: Rollout): Promise<Rollout | undefined> {
  const { service, environment } = made;
  const [open] = await world.rollouts.list({ service, environment, states: ["running"] }, 1);
  const isReplaced = open && replacesWaiting(made, open) && (await waitsForApproval(world, open));
  return isReplaced ? open : undefined;
}

/** One that waits already and would have taken the place of this one in line. */
export async function waitsToReplace(world: World, rollout: Rollout): Promise<Rollout | undefined> {
  const { service, environment } = rollout;
  const waiting = await world.rollouts.list({ service, environment, states: ["waiting"] }, 20);
  return waiting.find((other) => other.number > rollout.number && replacesWaiting(other, rollout));
}
