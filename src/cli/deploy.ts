import { randomUUID } from "node:crypto";
import { isOpen } from "#contract/rollout-words.ts";
import type { PlanShape } from "#contract/shapes.ts";
import { CliError, exitCodes, refused } from "./cli-error.ts";
import type { Client } from "./client.ts";
import { type Context, print } from "./context.ts";
import { renderPlan, renderPlanInShort } from "./render-plan.ts";
import { type FollowOptions, toTheEnd } from "./to-the-end.ts";

export type Place = { readonly service: string; readonly environment: string; readonly release?: string | undefined };

/** Shows the plan, starts the rollout that was shown, and follows it to its end. */
export const deploy = async (context: Context, place: Place, options: FollowOptions): Promise<number> => {
  const client = await context.client();
  const body = requestOf(context, place, options);
  const { key: _, ...asked } = body;
  const shown = await client.call("plan", { body: asked });
  if (shown.refusals.length > 0) {
    if (!(await isBusy(client, place))) throw refusedPlan(shown);
    // What the rollout before it leaves behind decides: the plan is made when its turn comes.
    context.terminal.warn("Another rollout is under way there: this one waits for it and is planned then.\n");
    return toTheEnd(context, await client.call("deploy", { body }), options);
  }
  if (!context.json) context.terminal.write(`${renderPlanInShort(shown, context.paint).join("\n")}\n\n`);
  // Named, as the newest may be another one by now.
  const rollout = await client.call("deploy", { body: { ...body, release: shown.release, shown } });
  return toTheEnd(context, rollout, options);
};

/** Puts hosts on the live release again, and follows the rollout that does it. */
export const correct = async (
  context: Context,
  { service, environment }: Place,
  { hosts = [], ...options }: FollowOptions & { readonly hosts?: readonly string[] },
): Promise<number> => {
  const client = await context.client();
  const by = options.by ?? context.terminal.user;
  const body = { service, environment, by, ...(hosts.length > 0 ? { hosts: [...hosts] } : {}) };
  return toTheEnd(context, await client.call("correct", { body }), options);
};

/** Prints what a deploy would do; touches nothing. */
export const plan = async (context: Context, place: Place): Promise<number> => {
  const client = await context.client();
  const { key: _, ...body } = requestOf(context, place, {});
  const made = await client.call("plan", { body });
  print(context, made, () => renderPlan(made, context.paint));
  return made.refusals.length === 0 ? exitCodes.done : exitCodes.refused;
};

export const requestOf = (context: Context, { service, environment, release }: Place, options: FollowOptions) => ({
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

const isBusy = async (client: Client, { service, environment }: Place): Promise<boolean> => {
  const { environments } = await client.call("overview");
  const groups = environments.find(({ name }) => name === environment)?.groups ?? [];
  const open = groups.find((group) => group.service === service)?.rollout;
  return open !== undefined && isOpen(open.state);
};

const refusedPlan = ({ service, environment, release, refusals }: PlanShape): CliError =>
  new CliError(exitCodes.refused, {
    code: "plan.refused",
    message: [
      `Release ${release} of ${service} cannot go to ${environment}; nothing was touched.`,
      ...refusals.map(({ reason }) => reason),
    ].join("\n"),
    advice: refusals.map(({ advice }) => advice).join(" "),
  });
