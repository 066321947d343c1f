import type { Release } from "#core/release.ts";
import type { Rollout } from "#core/rollout.ts";
import type { World } from "#workflows/world.ts";

export type LiveRelease = {
  /** The last good rollout of the place. */
  readonly rollout: Rollout;
  readonly release: Release;
  /** False where a later rollout was left in the middle: hosts may run what it brought, and on purpose. */
  readonly isEverywhere: boolean;
};

/** Which release is live here: that of the last good rollout; undefined before the first. */
export async function liveIn(
  { rollouts, releases }: Pick<World, "rollouts" | "releases">,
  { service, environment }: { readonly service: string; readonly environment: string },
): Promise<LiveRelease | undefined> {
  const place = { service, environment };
  const [last] = await rollouts.list({ ...place, states: ["succeeded", "aborted", "stuck"] }, 1);
  const good =
    last?.state === "succeeded" ? last : last && (await rollouts.list({ ...place, states: ["succeeded"] }, 1))[0];
  const release = good && (await releases.get(service, good.release));
  return good && release ? { rollout: good, release, isEverywhere: good.id === last?.id } : undefined;
}
