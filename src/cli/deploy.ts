import { randomUUID } from "node:crypto";
import type { RolloutShape } from "#contract/shapes.ts";
import { exitCodes, refused } from "./cli-error.ts";
import { type Context, print } from "./context.ts";
import { followRollout } from "./follow-rollout.ts";
import { renderPlan } from "./render-plan.ts";
import { renderEnd, rolloutTitle } from "./render-rollout.ts";

export type Place = { readonly service: string; readonly environment: string; readonly release?: string | undefined };
export type DeployOptions = { readonly detach?: boolean; readonly by?: string };

/** Starts a rollout and follows it to its end. */
export const deploy = async (context: Context, place: Place, options: DeployOptions): Promise<number> => {
  const client = await context.client();
  return toTheEnd(context, await client.call("deploy", { body: requestOf(context, place, options) }), options);
};

/** Starts a rollout to an earlier release and follows it to its end. */
export const rollback = async (context: Context, place: Place, options: DeployOptions): Promise<number> => {
  const client = await context.client();
  return toTheEnd(context, await client.call("rollback", { body: requestOf(context, place, options) }), options);
};

/** Prints what a deploy would do; touches nothing. */
export const plan = async (context: Context, place: Place): Promise<number> => {
  const client = await context.client();
  const { key: _, ...body } = requestOf(context, place, {});
  const made = await client.call("plan", { body });
  print(context, made, () => renderPlan(made, context.paint));
  return made.refusals.length === 0 ? exitCodes.done : exitCodes.refused;
};

const requestOf = (context: Context, { service, environment, release }: Place, options: DeployOptions) => ({
  service,
  environment,
  ...(release === undefined ? {} : { release: numberOf(release) }),
  by: options.by ?? context.terminal.user,
  key: randomUUID(),
});

const numberOf = (text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw refused(
    `A release is a whole number above 0; found ${JSON.stringify(text)}.`,
    "See `slipway releases <service>` for those that exist.",
  );
};

const toTheEnd = async (context: Context, rollout: RolloutShape, options: DeployOptions): Promise<number> => {
  const later = `slipway logs rollout/${rollout.number}`;
  if (options.detach) {
    print(context, rollout, () => [`${rolloutTitle(rollout)} is ${rollout.state}. Follow it: ${later}`]);
    return exitCodes.done;
  }
  const detail = await followRollout(context, rollout);
  if (detail === undefined) {
    context.terminal.warn(`Stopped following only; rollout ${rollout.number} goes on. Follow it again: ${later}\n`);
    return exitCodes.failed;
  }
  print(context, detail.rollout, () => renderEnd(detail, context.paint));
  return exitOf(detail.rollout.state);
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
    case "waiting":
    case "running":
    case "paused":
      throw new TypeError(`a rollout that is ${state} has not ended`);
    default:
      return state satisfies never;
  }
};
