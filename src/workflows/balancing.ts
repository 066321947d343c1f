import { SlipwayError } from "#core/errors.ts";
import type { HostSpec } from "#core/fleet.ts";
import type { RolloutSpec } from "#core/service.ts";
import type { BalancerAt, ServerSight } from "#ports/balancer.ts";
import type { Doing } from "#workflows/act.ts";
import { balancersOf, type Course, placeAt, portsOf } from "#workflows/course.ts";
import { leaseEnd } from "#workflows/leases.ts";
import { isDeadline, within } from "#workflows/within.ts";
import type { World } from "#workflows/world.ts";

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
  { signal, progress, spec, insteadOf }: Pick<Doing, "signal" | "progress"> & DrainWish,
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
      for (const at of balancersOf(course)) await takeDrainHold(world, { course, host, at, insteadOf }, inTime);
      await Promise.all(balancersOf(course).map((at) => drainAt(at, inTime)));
    });
  } catch (thrown) {
    const isLate = SlipwayError.from(thrown).code === "drain.timeout" && inFlight.size > 0;
    if (signal.aborted || !isLate || spec.onDrainTimeout === "fail") throw thrown;
    progress(`${sumOf(inFlight)} still in flight after ${spec.drainTimeoutMs / 1000} s: the program is told to stop`);
  }
}

type DrainWish = {
  readonly spec: RolloutSpec;
  /** The place that is in use now: what somebody wants of the host is known of that one. */
  readonly insteadOf?: HostSpec | undefined;
};

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
const holdSubject = ({ host, at }: HoldPlace): string => drainSubject(at, host);
/** What a drain is a drain of, as its hold says it. */
export const drainSubject = ({ balancer }: BalancerAt, { server }: Pick<HostSpec, "server">): string =>
  `${balancer.socket} ${balancer.backend}/${server}`;

/** A drain that another of our rollouts left counts as ours: what it had before is what it gets back. */
async function takeDrainHold(
  world: World,
  { insteadOf, ...place }: HoldPlace & { insteadOf: HostSpec | undefined },
  signal: AbortSignal,
): Promise<void> {
  const subject = holdSubject(place);
  const { state } = await sightOf(world, place.at, place.host, signal);
  const usual = (await leftBefore(world, place)) ?? state;
  const wish = insteadOf && (await othersWishOf(world, { ...place, host: insteadOf }, signal));
  const before = wish ?? usual;
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

/** What the place was before one of our rollouts drained it, where a record of that is left. */
const leftBefore = async (world: World, place: HoldPlace): Promise<string | undefined> =>
  (await drainHoldsOf(world, holdSubject(place)))[0]?.before;

const drainHoldsOf = async (world: World, subject: string) =>
  (await world.holds.all()).filter((hold) => hold.kind === "drain" && hold.subject === subject);

/** That somebody else has the place switched off or drained, and how. */
async function othersWishOf(world: World, place: HoldPlace, signal: AbortSignal): Promise<string | undefined> {
  const { state } = await sightOf(world, place.at, place.host, signal);
  const before = state === "maintenance" ? state : ((await leftBefore(world, place)) ?? state);
  return isOthersWish(before) ? before : undefined;
}

/** None of the balancers had the host in service when this rollout drained it, and none because somebody wanted so. */
export async function wasDown(world: World, course: Course, host: HostSpec): Promise<boolean> {
  const holds = await world.holds.ofRollout(course.rolloutId);
  const befores = balancersOf(course).map(
    (at) => holds.find(({ id }) => id === drainHoldId({ course, host, at }))?.before,
  );
  return befores.length > 0 && befores.every((before) => before === "down" || before === "checking");
}

export async function sightOf(world: World, at: BalancerAt, host: HostSpec, signal: AbortSignal): Promise<ServerSight> {
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
    const { state } = await sightOf(world, at, host, signal);
    // Without a hold it was not us who took it out, or an earlier try of this act has given it back already.
    const before = hold?.before ?? state;
    const isLifted = isOthersWish(before) && (course.plan.lifts?.includes(host.name) ?? false);
    if (isOthersWish(before) && !isLifted) {
      progress(`${at.balancer.name} had it in ${before} before: left so`);
    } else if (state === "maintenance" && !isLifted) {
      // We drain and never switch off: somebody did it meanwhile.
      progress(`${at.balancer.name} has it in maintenance by now: left so`);
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

export const isOthersWish = (before: string): boolean => before === "maintenance" || before === "draining";

/** Gone are this rollout's hold and those that earlier rollouts left on the same server. */
async function releaseDrainHolds(world: World, subject: string): Promise<void> {
  for (const hold of await drainHoldsOf(world, subject)) await world.holds.release(hold.id);
}

/** Every balancer has the host as it had it before this rollout: for a host whose old container still runs. */
export const giveBackHost = (world: World, course: Course, host: HostSpec, doing: Doing): Promise<void> =>
  giveBack(world, { course, host }, doing, (at, before) =>
    before === "in-service"
      ? world.balancer.admit(at, host.server, doing.signal, doing.progress)
      : world.balancer.undrain(at, host.server, doing.signal),
  );

/** The same for a host on which nothing runs any more, whatever a superseded rollout had admitted there meanwhile. */
export const giveBackEmptyHost = (world: World, course: Course, host: HostSpec, doing: Doing): Promise<void> =>
  giveBack(world, { course, host }, doing, (at) => world.balancer.undrain(at, host.server, doing.signal));

async function giveBack(
  world: World,
  { course, host }: { course: Course; host: HostSpec },
  doing: Doing,
  restore: (at: BalancerAt, before: string) => Promise<void>,
): Promise<void> {
  const holds = await world.holds.ofRollout(course.rolloutId);
  for (const at of balancersOf(course)) {
    const hold = holds.find((kept) => kept.id === drainHoldId({ course, host, at }));
    if (!hold) continue;
    const { state } = await sightOf(world, at, host, doing.signal);
    if (!isOthersWish(hold.before) && state !== "maintenance") await restore(at, hold.before);
    await releaseDrainHolds(world, hold.subject);
  }
}

/** A place where nothing runs any more: the balancers' own checks have it down, and nothing of ours is left on it. */
export async function leavePlace(world: World, course: Course, place: HostSpec, { signal }: Doing): Promise<void> {
  await distrustHost(world, course, place, signal);
  for (const at of balancersOf(course)) {
    const subject = holdSubject({ course, host: place, at });
    const isOurs = (await drainHoldsOf(world, subject)).some(({ before }) => !isOthersWish(before));
    const { state } = await sightOf(world, at, place, signal);
    // What we have not drained, or what somebody has switched off since, is not ours to open.
    if (isOurs && state !== "maintenance") await world.balancer.undrain(at, place.server, signal);
    await releaseDrainHolds(world, subject);
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
