import type { GroupShape, ReadinessShape } from "#contract/shapes.ts";
import { CliError, exitCodes, refused } from "./cli-error.ts";
import type { Client } from "./client.ts";
import { type Context, print } from "./context.ts";
import { type Place, type PlanOptions, plan, showAndStart } from "./deploy.ts";
import { renderReadiness } from "./render-readiness.ts";
import type { FollowOptions } from "./to-the-end.ts";

type Wish = { readonly service?: string; readonly environment?: string; readonly release?: string };
type Options = FollowOptions & { readonly ready?: boolean };

/** Starts a rollout to an earlier release and follows it to its end; without a place, where there is only one. */
export const rollback = async (context: Context, wish: Wish, options: Options): Promise<number> => {
  const client = await context.client();
  if (options.ready) return showReadiness(context, client, wish);
  const place = placeIn(wish) ?? (await onlyPlace(context, client, wish));
  return showAndStart(context, place, options, "rollback");
};

/** What a rollout there would do; of a roll back without a place, where there is only one. */
export const planWherever = async (context: Context, wish: Wish, options: PlanOptions): Promise<number> => {
  const place =
    placeIn(wish) ?? (options.rollback ? await onlyPlace(context, await context.client(), wish) : undefined);
  if (place) return plan(context, place, options);
  throw refused("A plan is of one service in one environment.", "Name both: `slipway plan <service> <environment>`.");
};

/** Looks at every host now: which of them hold the image that a roll back would need. */
const showReadiness = async (context: Context, client: Client, wish: Wish): Promise<number> => {
  const place = placeIn(wish);
  const all = place ? [await client.call("readiness", { query: queryOf(place) })] : await readinessOf(client, wish);
  print(context, place ? all[0] : all, () => renderReadiness(all, context.paint));
  return all.length > 0 && all.every(({ ready }) => ready) ? exitCodes.done : exitCodes.failed;
};

const placeIn = ({ service, environment, release }: Wish): Place | undefined =>
  service !== undefined && environment !== undefined ? { service, environment, release } : undefined;

const queryOf = ({ service, environment }: Pick<Place, "service" | "environment">) => ({ service, environment });

/** Every place where something is live, as far as the service is the one that was named. */
const readinessOf = async (client: Client, { service }: Wish): Promise<readonly ReadinessShape[]> => {
  const { environments } = await client.call("overview");
  const isMeant = (group: GroupShape) =>
    group.liveRelease !== undefined && (service === undefined || group.service === service);
  const groups = environments.flatMap((environment) => environment.groups).filter(isMeant);
  return Promise.all(groups.map((group) => client.call("readiness", { query: queryOf(group) })));
};

const onlyPlace = async (context: Context, client: Client, wish: Wish): Promise<Place> => {
  const candidates = (await readinessOf(client, wish)).filter(({ release }) => release !== undefined);
  const [only] = candidates;
  if (only && candidates.length === 1) {
    if (!context.json) context.terminal.write(`${renderReadiness([only], context.paint).join("\n")}\n`);
    return { service: only.service, environment: only.environment };
  }
  const what = wish.service === undefined ? "" : `${wish.service} `;
  if (!only)
    throw refused(`Nowhere is there an earlier good release of ${what || "a service "}to roll back to.`, advice);
  if (!context.json) context.terminal.write(`${renderReadiness(candidates, context.paint).join("\n")}\n\n`);
  throw new CliError(exitCodes.refused, {
    code: "input.invalid",
    message: `${candidates.length} places could be rolled back; say which.`,
    advice: candidates.map((one) => `\`slipway rollback ${one.service} ${one.environment}\``).join(" or "),
  });
};

const advice = "See `slipway status` for what is live where.";
