import { SlipwayError } from "#core/errors.ts";
import type { Plan } from "#core/plan.ts";
import type { Release } from "#core/release.ts";
import { groupOf, type PlanWish, planRollout } from "#workflows/plan-rollout.ts";
import type { World } from "#workflows/world.ts";
import { rollBackTarget } from "./roll-back.ts";
import { hostsOfGroup, liveRelease, releaseFor } from "./start-rollout.ts";

const planTimeoutMs = 60_000;

export type ShowPlanWish = {
  readonly service: string;
  readonly environment: string;
  readonly release?: number | undefined;
  /** What it would be asked for as. */
  readonly reason: "deploy" | "rollback" | "correct";
  /** Of a correction. */
  readonly hosts?: readonly string[] | undefined;
};

/** What a rollout, a roll back or a correction would do if it were asked for now. Touches nothing. */
export async function showPlan({ world }: { readonly world: World }, wish: ShowPlanWish): Promise<Plan> {
  const { service, environment, reason, hosts } = wish;
  groupOf(world, service, environment);
  const onlyHosts = hosts && hostsOfGroup(world, wish, hosts);
  refuseOdd(wish);
  const release = await releaseOf(world, wish);
  const what: PlanWish = { release, environment, reason, ...(onlyHosts ? { onlyHosts } : {}) };
  return planRollout(world, what, AbortSignal.timeout(planTimeoutMs));
}

/** What none of the three would take either. */
function refuseOdd({ service, environment, reason, release, hosts }: ShowPlanWish): void {
  if (hosts && reason !== "correct")
    throw new SlipwayError("input.invalid", `Only a correction takes single hosts, and this is a ${reason}.`, {
      advice: `Leave them out, or ask for \`slipway plan ${service} ${environment} --correct\`.`,
    });
  if (release !== undefined && reason === "correct")
    throw new SlipwayError("input.invalid", "A correction takes no release: hosts get the one that is live.", {
      advice: `To roll another one out: \`slipway deploy ${service} ${environment} ${release}\`.`,
    });
}

async function releaseOf(world: World, wish: ShowPlanWish): Promise<Release> {
  switch (wish.reason) {
    case "deploy":
      return releaseFor(world, wish);
    case "rollback":
      return (await rollBackTarget(world, wish)).release;
    case "correct":
      return liveRelease(world, wish);
  }
  return wish.reason satisfies never;
}
