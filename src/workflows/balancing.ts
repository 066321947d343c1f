import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { RolloutSpec } from "#core/service.ts";
import type { BalancerAt, ServerSight } from "#ports/balancer.ts";
import type { Doing } from "#workflows/act.ts";
import { balancersOf, type Course, placeAt, portsOf } from "#workflows/course.ts";
import { leaseEnd } from "#workflows/leases.ts";
import { isDeadline, within } from "#workflows/within.ts";
import type { World } from "#workflows/world.ts";

/** How often a host in its bake is looked at. */
const bakePollMs = 500;
/** A single bad look may be the look's own fault; this many in a row are not. */
const badLooksAllowed = 2;
/** A balancer that is being restarted is no reason to end a rollout: it is waited for, as its verbs do by themselves. */
export const restartPatience = { outageMs: 60_000 };

/**
 * The host gets no new request from any balancer, and none is in flight. What each balancer had it as before is
 * recorded first, so that it can be given back just so.
 */
export async function drainHost(
  world: World,
  course: Course,
  host: HostSpec,
  { signal, progress, spec }: Doing & { spec: RolloutSpec },
): Promise<void> {
  if (!spec.drain) return;
  const inFlight = new Map<string, number>();
  const drainAt = async (at: BalancerAt, inTime: AbortSignal) => {
    await world.balancer.drain(at, host.server, inTime, (count) => {
      inFlight.set(at.balancer.name, count);
      progress(`${count} in flight at ${at.balancer.name}`);
    });
    inFlight.delete(at.balancer.name);
  };
  const late = () => drainTimeout(host, inFlight, spec.drainTimeoutMs);
  try {
    await within(world, { timeoutMs: spec.drainTimeoutMs, error: late }, signal, async (inTime) => {
      // None is told anything before all have answered: one that is silent must not cost the others a host.
      for (const at of balancersOf(course)) await takeDrainHold(world, { course, host, at }, inTime);
      await Promise.all(balancersOf(course).map((at) => drainAt(at, inTime)));
    });
  } catch (thrown) {
    const isLate = SlipwayError.from(thrown).code === "drain.timeout" && inFlight.size > 0;
    if (signal.aborted || !isLate || spec.onDrainTimeout === "fail") throw thrown;
    progress(`${sumOf(inFlight)} still in flight after ${spec.drainTimeoutMs / 1000} s: the program is told to stop`);
  }
}

const sumOf = (inFlight: ReadonlyMap<string, number>): number =>
  [...inFlight.values()].reduce((sum, count) => sum + count, 0);

function drainTimeout(host: HostSpec, inFlight: ReadonlyMap<string, number>, timeoutMs: number): SlipwayError {
  const where = [...inFlight].map(([balancer, count]) => `${count} at ${balancer}`).join(", ") || "no answer";
  return new SlipwayError(
    "drain.timeout",
    `Could not drain ${host.name}: requests were still in flight after ${timeoutMs / 1000} s (${where}).`,
    { host: host.name },
  );
}

type HoldPlace = { course: Course; host: HostSpec; at: BalancerAt };

export const drainHoldId = ({ course, host, at }: HoldPlace): string =>
  `${course.rolloutId}/${host.server}/${at.balancer.name}`;
const holdSubject = ({ host, at }: HoldPlace): string => `${at.balancer.socket} ${at.balancer.backend}/${host.server}`;

/** A drain that another of our rollouts left counts as ours: what it had before is what it gets back. */
async function takeDrainHold(world: World, place: HoldPlace, signal: AbortSignal): Promise<void> {
  const subject = holdSubject(place);
  const left = (await world.holds.all()).find((hold) => hold.kind === "drain" && hold.subject === subject);
  const { state } = await sightOf(world, place.at, place.host, signal);
  const before = left?.before ?? state;
  await world.holds.take({
    id: drainHoldId(place),
    kind: "drain",
    rolloutId: place.course.rolloutId,
    service: place.course.release.service,
    environment: place.course.environment,
    host: place.host.name,
    server: place.host.server,
    drained: { at: place.at, host: place.host },
    subject,
    before,
    until: leaseEnd(world),
  });
}

async function sightOf(world: World, at: BalancerAt, host: HostSpec, signal: AbortSignal): Promise<ServerSight> {
  const sight = (await world.balancer.look(at, signal, restartPatience)).find(
    (candidate) => candidate.server === host.server,
  );
  if (sight) return sight;
  throw new SlipwayError("balancer.unknown-server", `The balancer ${at.balancer.name} has no server "${host.server}".`);
}

/** Only a check made after this call can bring the host back into service, at any balancer. */
export async function distrustHost(world: World, course: Course, host: HostSpec, signal: AbortSignal): Promise<void> {
  await Promise.all(balancersOf(course).map((at) => world.balancer.distrust(at, host.server, signal)));
}

/** Every balancer has the host in service, read back; where somebody else had taken it out before, it stays out. */
export async function admitHost(
  world: World,
  course: Course,
  host: HostSpec,
  { signal, progress }: Doing,
): Promise<void> {
  let words = "";
  const admitAt = async (at: BalancerAt) => {
    const hold = (await world.holds.ofRollout(course.rolloutId)).find(
      (kept) => kept.id === drainHoldId({ course, host, at }),
    );
    // Without a hold it was not us who took it out, or an earlier try of this act has given it back already.
    const before = hold?.before ?? (await sightOf(world, at, host, signal)).state;
    const isLifted = course.plan.lifts?.includes(host.name) ?? false;
    if (isOthersWish(before) && !isLifted) {
      progress(`${at.balancer.name} had it in ${before} before: left so`);
    } else {
      await world.balancer.admit(at, host.server, signal, (reason) => {
        words = `${at.balancer.name}: ${reason}`;
        progress(words);
      });
    }
    if (hold) await releaseDrainHolds(world, hold.subject);
  };
  try {
    await Promise.all(balancersOf(course).map(admitAt));
  } catch (thrown) {
    if (!isDeadline(signal)) throw thrown;
    throw new SlipwayError(
      "balancer.not-admitted",
      `Could not admit ${host.name}: it was not in service at the deadline (${words || "no word from the balancer"}).`,
      { cause: thrown },
    );
  }
}

const isOthersWish = (before: string): boolean => before === "maintenance" || before === "draining";

/** Gone are this rollout's hold and those that earlier rollouts left on the same server. */
async function releaseDrainHolds(world: World, subject: string): Promise<void> {
  const left = (await world.holds.all()).filter((hold) => hold.kind === "drain" && hold.subject === subject);
  for (const hold of left) await world.holds.release(hold.id);
}

/** Every balancer has the host as it had it before this rollout: for a host whose old container still runs. */
export const giveBackHost = (world: World, course: Course, host: HostSpec, doing: Doing): Promise<void> =>
  giveBack(world, { course, host }, (at, before) =>
    before === "in-service"
      ? world.balancer.admit(at, host.server, doing.signal, doing.progress)
      : world.balancer.undrain(at, host.server, doing.signal),
  );

/** The same for a host on which nothing runs any more, whatever a superseded rollout had admitted there meanwhile. */
export const giveBackEmptyHost = (world: World, course: Course, host: HostSpec, doing: Doing): Promise<void> =>
  giveBack(world, { course, host }, (at) => world.balancer.undrain(at, host.server, doing.signal));

async function giveBack(
  world: World,
  { course, host }: { course: Course; host: HostSpec },
  restore: (at: BalancerAt, before: string) => Promise<void>,
): Promise<void> {
  const holds = await world.holds.ofRollout(course.rolloutId);
  for (const at of balancersOf(course)) {
    const hold = holds.find((kept) => kept.id === drainHoldId({ course, host, at }));
    if (!hold) continue;
    if (!isOthersWish(hold.before)) await restore(at, hold.before);
    await releaseDrainHolds(world, hold.subject);
  }
}

/** A place where nothing runs any more: the balancers' own checks have it down, and nothing of ours is left on it. */
export async function leavePlace(world: World, course: Course, place: HostSpec, { signal }: Doing): Promise<void> {
  await distrustHost(world, course, place, signal);
  for (const at of balancersOf(course)) {
    await world.balancer.undrain(at, place.server, signal);
    await releaseDrainHolds(world, holdSubject({ course, host: place, at }));
  }
}

/** The host's places beside the one at that port, where nothing runs any more. */
export async function leaveOtherPlaces(
  world: World,
  course: Course,
  { host, port }: { host: HostSpec; port: number },
  doing: Doing,
): Promise<void> {
  for (const other of portsOf(course).filter((candidate) => candidate !== port))
    await leavePlace(world, course, placeAt(course, host, other), doing);
}

/** In service at every balancer for the whole time, looked at again and again. */
export async function bakeHost(
  world: World,
  course: Course,
  {
    host,
    bakeMs,
    look,
  }: { host: HostSpec; bakeMs: number; look: (signal: AbortSignal) => Promise<string | undefined> },
  { signal, progress }: Doing,
): Promise<void> {
  const endsAt = world.clock.now() + bakeMs;
  let bad = 0;
  for (;;) {
    const complaint = (await look(signal)) ?? (await complaintOfBalancers(world, course, host, signal));
    bad = complaint ? bad + 1 : 0;
    if (complaint && bad > badLooksAllowed)
      throw new SlipwayError("check.unhealthy", `${host.name} went bad after it was admitted: ${complaint}`);
    if (!complaint && world.clock.now() >= endsAt) return;
    progress(complaint ?? "healthy");
    await world.clock.sleep(
      Math.max(0, Math.min(bakePollMs, complaint ? bakePollMs : endsAt - world.clock.now())),
      signal,
    );
  }
}

/** A server that somebody took out of service on purpose after it was admitted is not our failure. */
async function complaintOfBalancers(world: World, course: Course, host: HostSpec, signal: AbortSignal) {
  for (const at of balancersOf(course)) {
    const { state, reason } = await sightOf(world, at, host, signal);
    if (state === "down" || state === "checking") return `${at.balancer.name} has it as ${state} (${reason})`;
  }
  return undefined;
}
