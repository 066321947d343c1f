import type { Release } from "#core/release.ts";
import type { Rollout } from "#core/rollout.ts";
import type { World } from "#workflows/world.ts";

const looksBack = 200;

/**
 * Which values of its secrets a release runs with: those that are set now, kept from now on; where it runs or ran
 * before (a roll back, a host that joins or is put right) those of the last good time.
 */
export async function secretVersionsFor(
  world: World,
  { service, environment, reason }: Pick<Rollout, "service" | "environment" | "reason">,
  { number, run }: Release,
): Promise<Readonly<Record<string, string>>> {
  const isForward = reason === "commit" || reason === "deploy";
  const good = isForward ? [] : await world.rollouts.list({ service, environment, states: ["succeeded"] }, looksBack);
  const then = good.find((rollout) => rollout.release === number)?.secretVersions ?? {};
  const versions: Record<string, string> = {};
  for (const name of run.secrets) versions[name] = then[name] ?? (await world.secrets.keep(name));
  return versions;
}
