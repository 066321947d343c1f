import type { HostSpec } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import { sideBySide } from "#core/side-by-side.ts";
import type { Workflow } from "#engine/run.ts";
import type { BalancerAt } from "#ports/balancer.ts";
import type { Hold } from "#ports/records.ts";
import { balancersOf, type Course, engineHost, hostTurn, placeAt, portsOf, sightWish } from "#workflows/course.ts";
import { liveIn } from "#workflows/live-release.ts";
import { groupOf } from "#workflows/plan-rollout.ts";
import type { World } from "#workflows/world.ts";
import { amendReceipt } from "#workflows/write-receipt.ts";

const giveBackTimeoutMs = 5 * 60_000;
/** One host that does not answer must not cost the others their turn. */
const hostTimeoutMs = 30_000;
const workers = 8;

/**
 * Hosts that a dead rollout left drained serve again, where they run the live release and answer well; resolves with
 * those. It stands in the queue of the place's rollouts, so that none of them drains the same host meanwhile. A host
 * that cannot be given back stays drained, and the reaper asks for it again.
 */
export const giveBackDrains = (
  world: World,
): Workflow<{ service: string; environment: string }, readonly string[]> => ({
  name: "give-back-drains",
  run: (run, place) =>
    run.step("give back", giveBackTimeoutMs, async (signal) => {
      const drains = (await world.holds.all()).filter((hold) => hold.kind === "drain" && isAtPlace(hold, place));
      const given = await sideBySide(drains, workers, (hold) => tryGivingBack(world, hold, signal));
      return given.flatMap((subject) => (subject === undefined ? [] : [subject]));
    }),
});

type Place = { readonly service: string; readonly environment: string };

export const isAtPlace = (hold: Hold, { service, environment }: Place): boolean =>
  hold.service === service && hold.environment === environment;

async function tryGivingBack(world: World, hold: Hold, whole: AbortSignal): Promise<string | undefined> {
  const signal = AbortSignal.any([whole, AbortSignal.timeout(hostTimeoutMs)]);
  try {
    if (!(await canServeFromNow(world, hold, signal))) return undefined;
    await giveBack(world, hold, signal);
    const name = hold.host ?? hold.subject;
    await tellReaped(world, hold, `${name} serves again: the reaper gave its drain back`);
    return name;
  } catch {
    // Only the stop of the server leaves this without an outcome.
    whole.throwIfAborted();
    return undefined;
  }
}

/** What was done for a dead rollout stands in its timeline, and in its receipt where it has one. */
export async function tellReaped(world: World, { rolloutId }: Hold, message: string): Promise<void> {
  if (!rolloutId) return;
  await world.timeline.append({ rolloutId, step: "reap", phase: "succeeded", message });
  // Without this word the receipt is as true as it was when it was written.
  await amendReceipt(world, rolloutId).catch(() => undefined);
}

/**
 * Whether the host may have traffic again: the live release runs at that very place and answers well now. A drain of
 * what a person had taken out before is no wish of ours: it is only forgotten.
 */
export async function canServe(world: World, hold: Hold, signal: AbortSignal): Promise<boolean> {
  if (isOthersWish(hold)) return true;
  const serving = await servingAt(world, hold, signal);
  return serving !== undefined && answersWell(world, serving, signal);
}

/** The same, once nothing that a dead rollout sent to the host can reach it any more: what was on its way came later. */
async function canServeFromNow(world: World, hold: Hold, signal: AbortSignal): Promise<boolean> {
  if (isOthersWish(hold)) return true;
  const serving = await servingAt(world, hold, signal);
  if (!serving) return false;
  const { course, host, container } = serving;
  await world.containers.startAgain(hostTurn(course, host, await world.turns.next()), container, signal);
  return canServe(world, hold, signal);
}

type Serving = Found & { readonly container: string; readonly port: number };

/** The container of the live release that runs at the drain's place. */
async function servingAt(world: World, hold: Hold, signal: AbortSignal): Promise<Serving | undefined> {
  const found = await hostOf(world, hold);
  if (!found) return undefined;
  const { course, host } = found;
  const port = portsOf(course).find((candidate) => placeAt(course, host, candidate).server === hold.server);
  if (port === undefined) return undefined;
  const { containers } = await world.containers.look(engineHost(course, host), sightWish(course), signal);
  const live = containers.find(
    ({ state, release, hostPort }) => state === "running" && release === course.release.number && hostPort === port,
  );
  return live && { ...found, container: live.name, port };
}

async function answersWell(world: World, { course, host, port }: Serving, signal: AbortSignal): Promise<boolean> {
  const { health } = course.release.run;
  if (!health) return true;
  const { path, timeoutMs } = health;
  const answer = await world.checks.get(engineHost(course, host), { port, path, timeoutMs }, signal);
  return answer.status >= 200 && answer.status < 300;
}

async function giveBack(world: World, hold: Hold, signal: AbortSignal): Promise<void> {
  const found = isOthersWish(hold) ? undefined : await hostOf(world, hold);
  const places = found ? balancersOf(found.course).filter((at) => subjectOf(at, hold) === hold.subject) : [];
  // By the way it was drained, also where fleet.yaml names the balancer otherwise by now.
  const [at = hold.drained?.at] = places;
  if (found && at) await world.balancer.admit(at, hold.server ?? "", signal);
  await world.holds.release(hold.id, hold);
}

const isOthersWish = ({ before }: Hold): boolean => before === "maintenance" || before === "draining";

/** As the drain's own record names it. */
export const subjectOf = ({ balancer }: BalancerAt, { server }: Pick<Hold, "server">): string =>
  `${balancer.socket} ${balancer.backend}/${server}`;

type Found = {
  readonly course: Pick<Course, "network" | "group"> & { readonly release: Release; readonly environment: string };
  readonly host: HostSpec;
};

/** Undefined where the service was never live, or nobody knows the host any more. */
async function hostOf(world: World, hold: Hold): Promise<Found | undefined> {
  const { service, environment } = hold;
  const live = await liveIn(world, { service, environment });
  const group = world.fleet().environments[environment]?.services[service];
  const inForce = group && groupOf(world, service, environment);
  const host = inForce?.group.hosts.find(({ name }) => name === hold.host) ?? hold.drained?.host;
  const place = inForce ?? asRecorded(hold);
  return live && host && place ? { course: { ...place, release: live.release, environment }, host } : undefined;
}

/** Of a group that has left fleet.yaml, as much as its drain recorded. */
const asRecorded = ({ drained }: Hold): Pick<Course, "network" | "group"> | undefined =>
  drained && {
    network: drained.at.network,
    group: { hosts: [drained.host], balancers: [drained.at.balancer], env: {} },
  };
