import { addTraffic, makeReceipt } from "#core/make-receipt.ts";
import type { Receipt } from "#core/receipt.ts";
import { receiptStatement, statementPayloadType } from "#core/statement.ts";
import type { Course } from "#workflows/course.ts";
import { countedBetween, type TrafficWatch } from "#workflows/traffic.ts";
import type { World } from "#workflows/world.ts";

type End = { readonly outcome: Receipt["outcome"]; readonly endedAt?: string };

/** The receipt is made of what is recorded, signed and kept; a later word takes the place of an earlier one. */
export async function writeReceipt(world: World, course: Course, end: End): Promise<Receipt> {
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
    if (receipt) await writeReceipt(world, course, receipt);
  };
  complete().catch(() => undefined);
}

async function receiptOf(world: World, { rolloutId, release }: Course, { outcome, endedAt }: End): Promise<Receipt> {
  const rollout = await world.rollouts.get(rolloutId);
  if (!rollout) throw new Error(`rollout ${rolloutId} is not recorded`);
  const traffic = await world.timeline.traffic(rolloutId);
  const prober = addTraffic(traffic.map(({ count }) => count));
  const balancers = countedBetween(await world.timeline.counters(rolloutId));
  const build = rollout.reason === "commit" ? await world.builds.get(release.buildId) : undefined;
  return makeReceipt({
    rollout,
    release,
    timeline: await world.timeline.of(rolloutId),
    outcome,
    endedAt: endedAt ?? new Date(world.clock.now()).toISOString(),
    samples: await world.timeline.samples(rolloutId),
    holds: await world.holds.history(rolloutId),
    ...(build ? { commitSeenAt: build.createdAt } : {}),
    ...(prober ? { prober } : {}),
    ...(balancers ? { balancers } : {}),
  });
}
