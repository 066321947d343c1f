import type { Release } from "#core/release.ts";
import type { Rollout } from "#core/rollout.ts";
import type { World } from "#workflows/world.ts";

export type LiveRelease = {
  /** The last good rollout of the place. */
  readonly rollout: Rollout;
  readonly release: Release;
  /** How a later rollout was left in the middle, if one was: hosts may run what it brought, and on purpose. */
  readonly left?: "aborted" | "stuck";
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
  if (!good || !release) return undefined;
  const left = last?.state === "aborted" || last?.state === "stuck" ? { left: last.state } : {};
  return { rollout: good, release, ...left };
}
