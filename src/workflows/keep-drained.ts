import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { BalancerAt, ServerSight } from "#ports/balancer.ts";
import type { Doing } from "#workflows/act.ts";
import { drainHost, restartPatience } from "#workflows/balancing.ts";
import { balancersOf, type Course, rolloutSpecOf } from "#workflows/course.ts";
import type { World } from "#workflows/world.ts";

/** A balancer that forgot sends requests to a host that may have nothing to answer with: seconds are too long. */
const lookEveryMs = 500;

type HostPlace = { readonly course: Course; readonly host: HostSpec };

/**
 * Does the work of an act between drain and admit, and sees to it that the host stays drained meanwhile: a balancer
 * that is restarted or reloaded forgets its drains, and has a host in service again whose container is being replaced.
 *
 *     steps("replace", ms, (doing) => keepDrained(world, { course, host }, doing, () => replace(...)))
 *
 * Every balancer is looked at before the work begins: where the host could get traffic it is drained first, or the act
 * fails before anything is touched. Then it is looked at twice a second until the work ends; what is found is told by
 * progress, and never fails the work. The work must not admit or give back the host: that would be undone. Nothing of
 * this is for `admitHost`, which notices a restart on its own.
 *
 * It serves as well where a container is started beside another one, at a place that the balancers check: that place
 * would get traffic as soon as it answers.
 */
export async function keepDrained<T>(
  world: World,
  { course, host }: HostPlace,
  doing: Doing,
  work: () => Promise<T>,
): Promise<T> {
  if (!rolloutSpecOf(course).drain) return work();
  const places = await redrainIfForgotten(world, { course, host }, doing);
  const end = new AbortController();
  const meanwhile = { ...doing, signal: AbortSignal.any([doing.signal, end.signal]) };
  const watching = Promise.all(places.map((place) => watch(world, place, meanwhile)));
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
 * No balancer gives the host traffic when it resolves, whatever it forgot; a balancer without an answer is waited for.
 * Fails as `drainHost` does, or with balancer.unreachable after a minute.
 */
export async function redrainIfForgotten(
  world: World,
  { course, host }: HostPlace,
  doing: Doing,
): Promise<readonly DrainedPlace[]> {
  const look = async (at: BalancerAt) => ({
    at,
    sight: sightOf(at, host, await world.balancer.look(at, doing.signal, restartPatience)),
  });
  const seen = await Promise.all(balancersOf(course).map(look));
  const taking = seen.filter(({ sight }) => isTakingTraffic(sight));
  for (const { at, sight } of taking)
    doing.progress(`${at.balancer.name} had it as ${sight.state}${runningSince(sight)}: it is drained again`);
  if (taking.length > 0) await drainHost(world, course, host, { ...doing, spec: rolloutSpecOf(course) });
  return seen.map(({ at, sight }) => ({ at, host, startedAt: sight.balancerStartedAt }));
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
  { at, host, startedAt }: DrainedPlace,
  seen: readonly ServerSight[],
  { signal, progress }: Doing,
): Promise<DrainedPlace> {
  const sight = sightOf(at, host, seen);
  const isRestarted = startedAt !== undefined && sight.balancerStartedAt !== startedAt;
  if (isTakingTraffic(sight)) {
    const why = isRestarted ? ` (restarted at ${sight.balancerStartedAt})` : runningSince(sight);
    progress(`${at.balancer.name} forgot the drain${why}: it is drained again`);
    await world.balancer.drain(at, host.server, signal);
  }
  // A file of its state may have told it of a good check that was the old container's.
  if (isRestarted) await world.balancer.distrust(at, host.server, signal);
  return { at, host, startedAt: sight.balancerStartedAt };
}

function sightOf({ balancer }: BalancerAt, { server }: HostSpec, seen: readonly ServerSight[]): ServerSight {
  const sight = seen.find((candidate) => candidate.server === server);
  if (sight) return sight;
  throw new SlipwayError("balancer.unknown-server", `The balancer ${balancer.name} has no server "${server}".`);
}

/** Down and unchecked servers too: the next good check would bring them into service. */
const isTakingTraffic = ({ state }: ServerSight): boolean => state !== "draining" && state !== "maintenance";

const runningSince = ({ balancerStartedAt }: ServerSight): string =>
  balancerStartedAt === undefined ? "" : ` (running since ${balancerStartedAt})`;
