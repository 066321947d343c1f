import { isOpen } from "#contract/rollout-words.ts";
import type { RolloutShape } from "#contract/shapes.ts";
import { exitCodes } from "./cli-error.ts";
import { type Context, print } from "./context.ts";
import { followRollout, type Told } from "./follow-rollout.ts";
import { leaveOrSteer } from "./leave-or-steer.ts";
import { renderEnd, rolloutTitle } from "./render-rollout.ts";

export type FollowOptions = { readonly detach?: boolean; readonly by?: string };

/** Follows a rollout to its end, through its pauses where somebody is there to be asked; resolves with the exit code. */
export const toTheEnd = async (
  context: Context,
  rollout: RolloutShape,
  { told = {}, ...options }: FollowOptions & { readonly told?: Told },
): Promise<number> => {
  const later = `slipway logs rollout/${rollout.number}`;
  if (options.detach) {
    print(context, rollout, () => [`${rolloutTitle(rollout)} is ${rollout.state}. Follow it: ${later}`]);
    return exitCodes.done;
  }
  for (let known = told; ; ) {
    const detail = await followRollout(context, rollout, known);
    if (detail === undefined) {
      context.terminal.warn(`Stopped following only; rollout ${rollout.number} goes on. Follow it again: ${later}\n`);
      return exitCodes.failed;
    }
    if (!isOpen(detail.rollout.state)) {
      print(context, detail.rollout, () => renderEnd(detail, context.paint));
      return exitOf(detail.rollout.state);
    }
    if (!(await leaveOrSteer(context, detail.rollout, options))) return exitCodes.paused;
    known = { pause: detail.rollout.pause?.number ?? 0, seq: detail.timeline.at(-1)?.seq ?? 0 };
  }
};

/** 0 only when the release is live. */
export const exitOf = (state: RolloutShape["state"]): number => {
  switch (state) {
    case "succeeded":
      return exitCodes.done;
    case "failed":
    case "stuck":
    case "aborted":
      return exitCodes.failed;
    case "refused":
    case "superseded":
    case "cancelled":
      return exitCodes.refused;
    case "paused":
      return exitCodes.paused;
    case "waiting":
    case "running":
      throw new TypeError(`a rollout that is ${state} has not ended`);
    default:
      return state satisfies never;
  }
};
