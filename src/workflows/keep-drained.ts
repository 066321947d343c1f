import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { BalancerAt, ServerSight } from "#ports/balancer.ts";
import type { Doing } from "#workflows/act.ts";
import { balancersOf, type Course, rolloutSpecOf } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

/** A balancer that forgot sends requests to a host that may have nothing to answer with: seconds are too long. */
const lookEveryMs = 500;
/** For how long a balancer may be silent before the work begins: nobody stops a container without knowing. */
const patience = { outageMs: 60_000 };

type HostPlace = { readonly course: Course; readonly host: HostSpec };

/**
 * Does the work of an act between drain and admit, and sees to it that the host stays drained meanwhile: a balancer
 * that is restarted or reloaded forgets its drains, and has a host in service again whose container is being replaced.
 *
 *     steps("replace", ms, (doing) => keepDrained(world, { course, host }, doing, () => replace(...)))
 *
 * Every balancer is looked at before the work begins: there the drain is complete again, or the act fails, before
 * anything is touched. Then it is looked at twice a second until the work ends; what is found is told by progress, and
 * never fails the work. Nothing of it is for the admitting itself, which notices a restart on its own.
 */
export async function keepDrained<T>(
  world: World,
  { course, host }: HostPlace,
  { signal, progress }: Doing,
  work: () => Promise<T>,
): Promise<T> {
  if (!rolloutSpecOf(course).drain) return work();
  const watched = balancersOf(course).map((at) => ({ at, host, startedAt: undefined }));
  const begun = await Promise.all(watched.map((place) => redrainForgotten(world, place, { signal, progress })));
  const end = new AbortController();
  const doing = { signal: AbortSignal.any([signal, end.signal]), progress };
  const watching = Promise.all(begun.map((place) => watch(world, place, doing)));
  try {
    return await work();
  } finally {
    end.abort();
    await watching;
  }
}

/** One host at one balancer, and the start of the balancer's process as it was last seen. */
export type DrainedPlace = {
  readonly at: BalancerAt;
  readonly host: HostSpec;
  readonly startedAt: string | undefined;
};

/**
 * The host is drained at that balancer when it resolves, whatever the balancer forgot; and where it has another process
 * than before, nothing it believes of the host's health is older than that. Waits a minute for one that gives no answer.
 */
export async function redrainForgotten(world: World, place: DrainedPlace, doing: Doing): Promise<DrainedPlace> {
  return correct(world, place, await world.balancer.look(place.at, doing.signal, patience), doing);
}

/** Ends with the signal; a look or a drain that fails is told and tried again. */
async function watch(world: World, first: DrainedPlace, doing: Doing): Promise<void> {
  let place = first;
  while (!doing.signal.aborted) {
    try {
      await world.clock.sleep(lookEveryMs, doing.signal);
      place = await correct(world, place, await world.balancer.look(place.at, doing.signal), doing);
    } catch (thrown) {
      if (doing.signal.aborted) return;
      doing.progress(`${place.at.balancer.name} cannot be looked at: ${SlipwayError.from(thrown).message}`);
    }
  }
}

async function correct(
  world: World,
  place: DrainedPlace,
  seen: readonly ServerSight[],
  { signal, progress }: Doing,
): Promise<DrainedPlace> {
  const { at, host } = place;
  const sight = seen.find(({ server }) => server === host.server);
  if (!sight) throw new SlipwayError("balancer.unknown-server", `${at.balancer.name} has no server "${host.server}".`);
  const startedAt = sight.balancerStartedAt;
  const isRestarted = place.startedAt !== undefined && startedAt !== place.startedAt;
  if (isTakingTraffic(sight)) {
    await world.balancer.drain(at, host.server, signal);
    progress(`${at.balancer.name} forgot the drain (${since(startedAt, isRestarted)}): drained again`);
  }
  // It may have been told, by a file of its state, of a good check that was the old container's.
  if (isRestarted) await world.balancer.distrust(at, host.server, signal);
  return { at, host, startedAt };
}

/** Down and unchecked servers too: the next good check would bring them into service. */
const isTakingTraffic = ({ state }: ServerSight): boolean => state !== "draining" && state !== "maintenance";

const since = (startedAt: string | undefined, isRestarted: boolean): string => {
  if (startedAt === undefined) return "somebody gave it traffic";
  return isRestarted ? `restarted at ${startedAt}` : `it has run since ${startedAt}`;
};
