import { isOpen } from "#contract/rollout-words.ts";
import { type SteerAction, steerActionShape } from "#contract/shapes.ts";
import { exitCodes, refused } from "./cli-error.ts";
import { type Context, print } from "./context.ts";
import { rolloutTitle } from "./render-rollout.ts";
import { idOf } from "./single-calls.ts";
import { type FollowOptions, toTheEnd } from "./to-the-end.ts";

export const steerActions: readonly SteerAction[] = steerActionShape.options;

/** Asks for a pause; the rollout stops at its next gate, where nothing is half done. */
export const pause = async (context: Context, named: string, { by }: FollowOptions): Promise<number> => {
  const client = await context.client();
  const body = { by: by ?? context.terminal.user };
  const rollout = await client.call("pause", { params: { id: idOf(named) }, body });
  const next =
    rollout.state === "paused"
      ? "is paused already; see its choices with `slipway status`"
      : "pauses at its next gate; the batch that is under way is finished first";
  print(context, rollout, () => [`${rolloutTitle(rollout)} ${next}`]);
  return exitCodes.done;
};

/** Makes the choice for a paused rollout, and follows what comes of it. */
export const steer = async (
  context: Context,
  [named = "", choice = ""]: readonly (string | undefined)[],
  { hosts = [], ...options }: FollowOptions & { readonly hosts?: readonly string[] },
): Promise<number> => {
  const client = await context.client();
  const params = { id: idOf(named) };
  const { rollout: before, timeline } = await client.call("rollout", { params });
  const action = actionOf(choice, before.pause?.choices ?? steerActions);
  const body = {
    action,
    by: options.by ?? context.terminal.user,
    ...(before.pause ? { pause: before.pause.number } : {}),
    ...(hosts.length > 0 ? { hosts: [...hosts] } : {}),
  };
  const rollout = await client.call("steer", { params, body });
  if (!context.json) context.terminal.write(`${body.by} chose ${[action, ...hosts].join(" ")}\n`);
  if (!isOpen(rollout.state)) return exitCodes.done;
  const told = { pause: before.pause?.number ?? 0, seq: timeline.at(-1)?.seq ?? 0 };
  return toTheEnd(context, rollout, { ...options, told });
};

const actionOf = (text: string, offered: readonly SteerAction[]): SteerAction => {
  const action = steerActions.find((each) => each === text);
  if (action) return action;
  throw refused(`${JSON.stringify(text)} is no choice.`, `Choose one of: ${offered.join(", ")}.`);
};
