import type { HostSpec } from "#core/fleet.ts";
import type { ServerSight } from "#ports/balancer.ts";
import type { ContainerSight } from "#ports/containers.ts";
import { restartPatience } from "#workflows/balancing.ts";
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
  const looks = await Promise.all(balancersOf(course).map((at) => world.balancer.look(at, signal, restartPatience)));
  return inOrderOfUse(containers, ({ hostPort }) => servedBy(looks, placeAt(course, host, hostPort).server));
}

type Looks = readonly (readonly ServerSight[])[];

/** How many balancers have the server in service. */
export const servedBy = (looks: Looks, server: string): number =>
  looks.filter((sights) => sights.some((sight) => sight.server === server && sight.state === "in-service")).length;

/** Every balancer has the server in service. */
export const servesAt = (looks: Looks, server: string): boolean => servedBy(looks, server) === looks.length;

export const inOrderOfUse = <T extends Pick<ContainerSight, "rollout">>(
  containers: readonly T[],
  balancersServing: (container: T) => number,
): readonly T[] => containers.toSorted((a, b) => balancersServing(b) - balancersServing(a) || b.rollout - a.rollout);
