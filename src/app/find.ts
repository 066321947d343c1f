import type { Build } from "#core/build.ts";
import { SlipwayError } from "#core/errors.ts";
import type { Rollout } from "#core/rollout.ts";
import type { World } from "#workflows/world.ts";

/** By id, or by number as people say it. */
export async function findRollout({ rollouts }: World, idOrNumber: string): Promise<Rollout> {
  const found = isNumber(idOrNumber) ? await rollouts.byNumber(Number(idOrNumber)) : await rollouts.get(idOrNumber);
  if (found) return found;
  throw new SlipwayError("not.found", `There is no rollout ${idOrNumber}.`);
}

export async function findBuild({ builds }: World, idOrNumber: string): Promise<Build> {
  const found = isNumber(idOrNumber) ? await builds.byNumber(Number(idOrNumber)) : await builds.get(idOrNumber);
  if (found) return found;
  throw new SlipwayError("not.found", `There is no build ${idOrNumber}.`);
}

const isNumber = (text: string): boolean => /^\d{1,9}$/.test(text);
