import type { HostSpec } from "#core/fleet.ts";
import type { HostEnd } from "#core/rollout.ts";
import { type Course, engineHost, sightWish } from "#workflows/course.ts";
import { servingFirst } from "#workflows/in-use.ts";
import type { World } from "#workflows/world.ts";

type Previous = Pick<HostEnd, "previous" | "previousPort" | "previousRelease" | "previousRollout">;

/**
 * `ports`: every port that something is published at, or the one that the new container gets. `inUse`: those of the
 * previous containers that are published where the first of them is.
 */
export type RunningBefore = Previous &
  Pick<HostEnd, "port"> & { readonly ports: readonly number[]; readonly inUse: readonly string[] };

/**
 * What runs there that this rollout did not start, what serves first, and where; after a first try that stopped it, what
 * that one found.
 */
export async function runningBefore(
  world: World,
  course: Course,
  { host, again }: { host: HostSpec; again: HostEnd | undefined },
  signal: AbortSignal,
): Promise<RunningBefore> {
  if (again?.isReplaced) return { ...previousOf(again), port: again.port, ports: [again.port], inUse: again.previous };
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const others = containers.filter(({ state, rollout }) => state !== "stopped" && rollout !== course.rolloutNumber);
  const running = await servingFirst(world, { course, host, containers: others }, signal);
  const [first] = running;
  const previous = running.map(({ name }) => name);
  const free = course.release.run.port;
  if (!first) return { previous, port: free, ports: [free], inUse: [] };
  const port = first.hostPort;
  const made = { previousPort: port, previousRelease: first.release, previousRollout: first.rollout };
  const inUse = running.filter(({ hostPort }) => hostPort === port).map(({ name }) => name);
  return { previous, ...made, port, ports: [...new Set(running.map(({ hostPort }) => hostPort))], inUse };
}

/** What a host ran before, as it was found at the first visit. */
export const previousOf = ({ previous, previousPort, previousRelease, previousRollout }: HostEnd): Previous => ({
  previous,
  ...(previousPort === undefined ? {} : { previousPort }),
  ...(previousRelease === undefined ? {} : { previousRelease }),
  ...(previousRollout === undefined ? {} : { previousRollout }),
});
