import type { HostSpec } from "#core/fleet.ts";
import type { ServerSight } from "#ports/balancer.ts";
import type { ContainerSight } from "#ports/containers.ts";
import { balancersOf, type Course, placeAt } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

type Seen = { readonly course: Course; readonly host: HostSpec; readonly containers: readonly ContainerSight[] };

/**
 * The containers of one host, what serves at the balancers first, then the newest. An ended blue-green rollout may have
 * left two that run, and the newer one need not be the one in use.
 */
export async function servingFirst(
  world: World,
  { course, host, containers }: Seen,
  signal: AbortSignal,
): Promise<readonly ContainerSight[]> {
  if (containers.length < 2) return containers;
  const looks = await Promise.all(balancersOf(course).map((at) => world.balancer.look(at, signal)));
  return inOrderOfUse(containers, ({ hostPort }) => servesAt(looks, placeAt(course, host, hostPort).server));
}

/** Every balancer has the server in service. */
export const servesAt = (looks: readonly (readonly ServerSight[])[], server: string): boolean =>
  looks.every((sights) => sights.some((sight) => sight.server === server && sight.state === "in-service"));

export const inOrderOfUse = <T extends Pick<ContainerSight, "rollout">>(
  containers: readonly T[],
  isServing: (container: T) => boolean,
): readonly T[] => containers.toSorted((a, b) => Number(isServing(b)) - Number(isServing(a)) || b.rollout - a.rollout);
