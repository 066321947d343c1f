import type { HostSpec } from "#core/fleet.ts";
import type { HostSight } from "#core/plan.ts";
import type { ServerSight } from "#ports/balancer.ts";
import type { Hold } from "#ports/records.ts";
import { balancersOf, type Course, placeAt } from "#workflows/course.ts";
import { isAtPlace } from "#workflows/give-back-drains.ts";
import type { World } from "#workflows/world.ts";

type Place = Pick<Course, "network" | "group" | "environment" | "release">;

/** The sights, with those noted that get no traffic for no other reason than that somebody else wanted so. */
export async function noteSetAside(
  world: World,
  place: Place,
  sights: readonly HostSight[],
  signal: AbortSignal,
): Promise<readonly HostSight[]> {
  const isOut = ({ inService, error, port }: HostSight) => !inService && error === undefined && port !== undefined;
  if (!sights.some(isOut)) return sights;
  const looks = await Promise.all(balancersOf(place).map((at) => world.balancer.look(at, signal)));
  const here = { service: place.release.service, environment: place.environment };
  const drains = (await world.holds.all()).filter((hold) => hold.kind === "drain" && isAtPlace(hold, here));
  const hostOf = (name: string) => place.group.hosts.find((host) => host.name === name);
  return sights.map((sight) => {
    const host = isOut(sight) ? hostOf(sight.host) : undefined;
    if (!host) return sight;
    const servers = serversOf(placeAt(place, host, sight.port ?? 0), looks);
    const isSetAside = servers.every(
      ({ state, server }) => state === "in-service" || state === "maintenance" || isOthersDrain(state, server, drains),
    );
    return isSetAside ? { ...sight, isSetAside } : sight;
  });
}

const serversOf = ({ server: name }: HostSpec, looks: readonly (readonly ServerSight[])[]): readonly ServerSight[] =>
  looks.flatMap((seen) => seen.filter(({ server }) => server === name));

const isOthersDrain = (state: ServerSight["state"], name: string, drains: readonly Hold[]): boolean =>
  state === "draining" && !drains.some(({ server, before }) => server === name && before !== "draining");
