import { countedByBalancers } from "#core/balancer-count.ts";
import { addTraffic, endMsOf, makeReceipt } from "#core/make-receipt.ts";
import type { Receipt } from "#core/receipt.ts";
import { isFinal, type Rollout } from "#core/rollout.ts";
import { receiptStatement, statementPayloadType } from "#core/statement.ts";
import { balancersOf, type Course } from "#workflows/course.ts";
import { groupOf } from "#workflows/plan-rollout.ts";
import type { TrafficWatch } from "#workflows/traffic.ts";
import type { World } from "#workflows/world.ts";

type End = {
  readonly outcome: Receipt["outcome"];
  readonly endedAt?: string;
  /** Hosts that were left out on the way, before the rollout remembers them. */
  readonly excluded?: readonly string[];
};
/** What a receipt needs of a rollout beside the records. */
type Place = Pick<Course, "rolloutId" | "release" | "network" | "group">;

/** The receipt is made of what is recorded, signed and kept; a later word takes the place of an earlier one. */
export async function writeReceipt(world: World, course: Place, end: End): Promise<Receipt> {
  const receipt = await receiptOf(world, course, end);
  const envelope = await world.signer.sign(statementPayloadType, JSON.stringify(receiptStatement(receipt)));
  await world.receipts.keep(course.rolloutId, envelope);
  return receipt;
}

/**
 * The moments after the end are watched beside the rollout, which has ended, and the receipt is signed again with them.
 * A server that is killed meanwhile leaves the receipt as it was: true, and without them.
 */
export function completeReceipt(world: World, course: Course, traffic: TrafficWatch): void {
  const complete = async () => {
    if (!(await traffic.afterwards())) return;
    const receipt = (await world.rollouts.get(course.rolloutId))?.receipt;
    if (receipt) await writeReceipt(world, course, { outcome: receipt.outcome, endedAt: receipt.endedAt });
  };
  complete().catch(() => undefined);
}

/** For a rollout that nobody carries to its end any more; undefined where it was never planned, or has its receipt. */
export async function writeStuckReceipt(world: World, rolloutId: string): Promise<Receipt | undefined> {
  const rollout = await world.rollouts.get(rolloutId);
  if (!rollout?.plan || isFinal(rollout.state)) return undefined;
  const place = await placeOf(world, rollout);
  return place && writeReceipt(world, place, { outcome: "stuck" });
}

/** What came after the end, such as a hold that was given back late, comes into a receipt that was written before. */
export async function amendReceipt(world: World, rolloutId: string): Promise<void> {
  const rollout = await world.rollouts.get(rolloutId);
  if (!rollout?.receipt || !(await world.receipts.get(rolloutId))) return;
  const place = await placeOf(world, rollout);
  if (place) await writeReceipt(world, place, { outcome: rollout.receipt.outcome, endedAt: rollout.receipt.endedAt });
}

/** Undefined where the service has left fleet.yaml meanwhile. */
async function placeOf(world: World, { id, service, environment, release: number }: Rollout) {
  if (!world.fleet().environments[environment]?.services[service]) return undefined;
  const release = await world.releases.get(service, number);
  return release && { rolloutId: id, release, ...groupOf(world, service, environment) };
}

async function receiptOf(world: World, course: Place, { outcome, endedAt, excluded }: End): Promise<Receipt> {
  const { rolloutId, release } = course;
  const rollout = await world.rollouts.get(rolloutId);
  if (!rollout) throw new Error(`rollout ${rolloutId} is not recorded`);
  const traffic = await world.timeline.traffic(rolloutId);
  const prober = addTraffic(traffic.map(({ count }) => count));
  const timeline = await world.timeline.of(rolloutId);
  const samples = await world.timeline.samples(rolloutId);
  const ended = endedAt ?? new Date(world.clock.now()).toISOString();
  const { count: balancers, uncounted } = countedByBalancers({
    balancers: balancersOf(course).map(({ balancer }) => balancer.name),
    readings: await world.timeline.counters(rolloutId),
    samples,
    endMs: endMsOf(timeline, ended),
  });
  const build = rollout.reason === "commit" ? await world.builds.get(release.buildId) : undefined;
  return makeReceipt({
    rollout,
    release,
    timeline,
    outcome,
    endedAt: ended,
    samples,
    holds: await world.holds.history(rolloutId),
    uncounted,
    ...(excluded ? { excluded } : {}),
    ...(build ? { commitSeenAt: build.createdAt } : {}),
    ...(prober ? { prober } : {}),
    ...(balancers ? { balancers } : {}),
  });
}
