import type { ServiceGroup } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { Rollout } from "#core/rollout.ts";
import type { World } from "#workflows/world.ts";

type Wish = Pick<Rollout, "service" | "environment" | "reason">;
type Names = Readonly<Record<string, string>>;

/**
 * The last good rollout of the release there, whose configuration a roll back, a host that joins or one that is put
 * right gets again. Undefined for a rollout that goes forward, and where there was none.
 */
export async function lastGoodTime(
  world: World,
  { service, environment, reason }: Wish,
  { number }: Pick<Release, "number">,
): Promise<Rollout | undefined> {
  if (reason === "commit" || reason === "deploy") return undefined;
  const [then] = await world.rollouts.list({ service, environment, states: ["succeeded"], release: number }, 1);
  return then;
}

/** Which values of its secrets the release runs with: those of then, else those that are set now, kept from now on. */
export async function secretVersionsFor(world: World, wish: Wish, release: Release): Promise<Names> {
  const then = (await lastGoodTime(world, wish, release))?.secretVersions ?? {};
  const versions: Record<string, string> = {};
  for (const name of release.run.secrets) versions[name] = then[name] ?? (await world.secrets.keep(name));
  return versions;
}

/** The variables its containers get: those of then, else its own and what fleet.yaml adds to them now. */
export async function runEnvFor(
  world: World,
  wish: Wish,
  { release, group }: { release: Release; group: ServiceGroup },
): Promise<Names> {
  return (await lastGoodTime(world, wish, release))?.runEnv ?? { ...release.run.env, ...group.env };
}

/** Whether something of what the release ran with then is not known any more. */
export function isConfiguredAnew(
  then: Rollout | undefined,
  { release, group }: { release: Release; group: ServiceGroup },
): boolean {
  const lacksSecrets = release.run.secrets.length > 0 && then?.secretVersions === undefined;
  return lacksSecrets || (Object.keys(group.env).length > 0 && then?.runEnv === undefined);
}
