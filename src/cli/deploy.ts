import { randomUUID } from "node:crypto";
import type { CallOf } from "#contract/calls.ts";
import { isOpen } from "#contract/rollout-words.ts";
import type { PlanShape } from "#contract/shapes.ts";
import { CliError, exitCodes, refused } from "./cli-error.ts";
import type { Client } from "./client.ts";
import { type Context, print } from "./context.ts";
import { renderPlan, renderPlanInShort } from "./render-plan.ts";
import { type FollowOptions, toTheEnd } from "./to-the-end.ts";

export type Place = { readonly service: string; readonly environment: string; readonly release?: string | undefined };

/** Shows the plan, starts the rollout that was shown, and follows it to its end. */
export const deploy = (context: Context, place: Place, options: FollowOptions): Promise<number> =>
  showAndStart(context, place, options, "deploy");

/** The same, for what goes back by itself or to a release that is named. */
export const showAndStart = async (
  context: Context,
  place: Place,
  options: FollowOptions,
  reason: "deploy" | "rollback",
): Promise<number> => {
  const client = await context.client();
  const body = requestOf(context, place, options);
  const shown = await showPlan(context, client, planned(place, reason));
  // Named, as the newest, or the one to go back to, may be another one by now.
  const exactly = shown ? { release: shown.release, shown } : {};
  return toTheEnd(context, await client.call(reason, { body: { ...body, ...exactly } }), options);
};

/** The same, for hosts that get the live release again. */
export const correct = async (
  context: Context,
  place: Place,
  { hosts, ...options }: FollowOptions & { readonly hosts?: readonly string[] },
): Promise<number> => {
  const client = await context.client();
  const { service, environment } = place;
  const wish = { service, environment, ...hostsOf({ hosts }) };
  const shown = await showPlan(context, client, { ...wish, reason: "correct" });
  const body = { ...wish, by: options.by ?? context.terminal.user, ...(shown ? { shown } : {}) };
  return toTheEnd(context, await client.call("correct", { body }), options);
};

type PlanWish = NonNullable<CallOf<"plan">["body"]>;

/** The plan, once it is printed; undefined where it cannot be made before another rollout has ended. Fails where it is refused. */
const showPlan = async (context: Context, client: Client, wish: PlanWish): Promise<PlanShape | undefined> => {
  const shown = await client.call("plan", { body: wish });
  if (shown.refusals.length > 0) {
    if (!(await isBusy(client, wish))) throw refusedPlan(shown);
    // What the rollout before it leaves behind decides: the plan is made when its turn comes.
    context.terminal.warn("Another rollout is under way there: this one waits for it and is planned then.\n");
    return undefined;
  }
  if (!context.json) context.terminal.write(`${renderPlanInShort(shown, context.paint).join("\n")}\n\n`);
  return shown;
};

export type PlanOptions = {
  readonly rollback?: boolean;
  readonly correct?: boolean;
  readonly hosts?: readonly string[];
};

/** Prints what a deploy, a roll back or a correction would do; touches nothing. */
export const plan = async (context: Context, place: Place, options: PlanOptions): Promise<number> => {
  const client = await context.client();
  const made = await client.call("plan", { body: { ...planned(place, reasonOf(options)), ...hostsOf(options) } });
  print(context, made, () => renderPlan(made, context.paint));
  return made.refusals.length === 0 ? exitCodes.done : exitCodes.refused;
};

const reasonOf = ({ rollback, correct }: PlanOptions) => {
  if (rollback && correct)
    throw refused("A rollout is a roll back or a correction, not both.", "Leave one of them out.");
  return rollback ? "rollback" : correct ? "correct" : "deploy";
};

const hostsOf = ({ hosts = [] }: { readonly hosts?: readonly string[] | undefined }) =>
  hosts.length > 0 ? { hosts: [...hosts] } : {};

const planned = <Reason extends string>({ service, environment, release }: Place, reason: Reason) => ({
  service,
  environment,
  reason,
  ...(release === undefined ? {} : { release: numberOf(release) }),
});

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

const isBusy = async (client: Client, { service, environment }: PlanWish): Promise<boolean> => {
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
