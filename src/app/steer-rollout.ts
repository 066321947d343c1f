import { SlipwayError } from "#core/errors.ts";
import { isFinal, type Pause, type Rollout, type SteerAction } from "#core/rollout.ts";
import { type ApprovalWord, approvalTopic, waitsForApproval } from "#workflows/make-way.ts";
import { choiceWords, steerTopic } from "#workflows/pause.ts";
import type { World } from "#workflows/world.ts";
import type { RolloutDesk } from "./application.ts";
import { findRollout } from "./find.ts";
import { hostsOfGroup } from "./start-rollout.ts";

const somebody = "a person with the token";

/**
 * A waiting rollout ends at once, unless it is to go on with hosts of another one, which it puts back first; one that
 * runs ends in the act it is in, and a paused one now: both put back.
 */
export async function cancelRollout(app: RolloutDesk, id: string, by = somebody): Promise<Rollout> {
  const { world } = app;
  const kept = await openRollout(world, id);
  refuseEnding(kept);
  await note(world, kept, `${by} cancelled it`);
  if (kept.pause) return steerRollout(app, kept.id, { action: "put-back", by });
  const asked = await world.rollouts.update(kept.id, { cancelledBy: by });
  if (asked.state === "waiting" && asked.heirOf === undefined) {
    const endedAt = new Date(world.clock.now()).toISOString();
    const ended = await world.rollouts.update(kept.id, { state: "cancelled", endedAt }, "waiting");
    if (ended.state === "cancelled") return ended;
  }
  refuseEnding(asked);
  if (await waitsForApproval(world, kept)) await sayAtGate(app.engine, kept, "cancel");
  // It may have paused in this very moment, without having heard of it.
  return asked.pause ? steerRollout(app, kept.id, { action: "put-back", by }) : asked;
}

/** It pauses at its next gate, where nothing is half done. */
export async function pauseRollout({ world }: RolloutDesk, id: string, by = somebody): Promise<Rollout> {
  const kept = await openRollout(world, id);
  if (kept.state === "paused") return kept;
  refuseEnding(kept);
  await note(world, kept, `${by} asked for a pause`);
  return world.rollouts.update(kept.id, { pauseAskedBy: by });
}

function refuseEnding({ isEnding, number }: Rollout): void {
  if (isEnding)
    throw new SlipwayError("rollout.ending", `Rollout ${number} has released every host and is just ending.`);
}

export type SteerWish = {
  readonly action: SteerAction;
  readonly pause?: number | undefined;
  readonly by?: string | undefined;
  /** Of `exclude`: these, and not those that failed. */
  readonly hosts?: readonly string[] | undefined;
};

/** A paused rollout goes on as the person chose. */
export async function steerRollout({ world, engine }: RolloutDesk, id: string, wish: SteerWish): Promise<Rollout> {
  const { action, by = somebody, hosts } = wish;
  const kept = await openRollout(world, id);
  const { pause } = kept;
  if (!pause || (wish.pause !== undefined && wish.pause !== pause.number))
    throw new SlipwayError("input.invalid", `Rollout ${kept.number} is not paused${pause ? " there any more" : ""}.`, {
      advice: `See where it is: \`slipway logs rollout/${kept.number}\`.`,
    });
  if (!pause.choices.includes(action))
    throw new SlipwayError("input.invalid", `Rollout ${kept.number} cannot go on with "${action}" here.`, {
      advice: `Choose one of: ${pause.choices.join(", ")}.`,
    });
  refuseHosts(world, kept, pause, wish);
  const choice = { action, by, ...(hosts ? { hosts } : {}) };
  await note(world, kept, `${by} chose ${choiceWords(choice)}`);
  await engine.signal(kept.id, steerTopic(pause.number), choice);
  return kept;
}

function refuseHosts(world: World, kept: Rollout, pause: Pause, { action, hosts }: SteerWish): void {
  if (hosts && action !== "exclude")
    throw new SlipwayError("input.invalid", `Only \`exclude\` takes hosts, and this is "${action}".`, {
      advice: "Leave them out.",
    });
  if (hosts) hostsOfGroup(world, kept, hosts);
  else if (action === "exclude" && pause.hosts.length === 0)
    throw new SlipwayError(
      "input.invalid",
      `Nothing failed in rollout ${kept.number}: it is not known what to exclude.`,
      {
        advice: `Name the hosts: \`slipway steer ${kept.number} exclude <host>\`.`,
      },
    );
}

/** A rollout that waits at its approval gate goes on. */
export async function approveRollout({ world, engine }: RolloutDesk, id: string, by = somebody): Promise<Rollout> {
  const kept = await findRollout(world, id);
  if (isFinal(kept.state) || !(await waitsForApproval(world, kept)))
    throw new SlipwayError("input.invalid", `Rollout ${kept.number} does not wait for an approval.`, {
      advice: "Nothing to do.",
    });
  await note(world, kept, `${by} approved it`);
  await sayAtGate(engine, kept, { approvedBy: by });
  return kept;
}

const sayAtGate = (engine: RolloutDesk["engine"], { id }: Rollout, word: ApprovalWord): Promise<void> =>
  engine.signal(id, approvalTopic, word);

async function openRollout(world: World, id: string): Promise<Rollout> {
  const kept = await findRollout(world, id);
  if (!isFinal(kept.state)) return kept;
  throw new SlipwayError("input.invalid", `Rollout ${kept.number} has ended already (${kept.state}).`, {
    advice: "Nothing to do.",
  });
}

/** What a person did to a rollout stands in its timeline, whatever came of it. */
const note = (world: World, { id }: Rollout, message: string) =>
  world.timeline.append({ rolloutId: id, step: "steer", phase: "succeeded", message });
