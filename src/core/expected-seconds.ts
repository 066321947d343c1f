import type { Frame } from "#core/make-plan.ts";
import type { PastRollout } from "#core/plan.ts";

/**
 * From what earlier rollouts of the place took: the pulls, a batch as often as there are batches, the switch and the
 * verification, each by its median; and from this plan's own wish, what it bakes. Undefined without such a rollout.
 */
export function expectedSeconds({ input, batches, strategy, spec }: Frame): number | undefined {
  const isBeside = strategy === "blue-green";
  const past = (input.past ?? []).filter((each) => (each.strategy === "blue-green") === isBeside);
  const batchMs = medianOf(past, ({ batchMs }) => batchMs);
  if (batchMs === undefined) return undefined;
  if (batches.length === 0) return 0;
  const pulls = batches.some(({ hosts }) => hosts.some(({ pull }) => pull));
  const verifies = spec.verify.length > 0 && input.reason !== "join";
  const bakeMs = input.reason === "rollback" ? 0 : spec.rollout.bakeMs;
  const parts = [
    pulls ? medianOf(past, ({ prepareMs }) => listed(prepareMs)) : 0,
    batches.length * batchMs,
    isBeside ? bakeMs : batches.length * bakeMs,
    strategy === "canary" ? spec.rollout.canary?.bakeMs : 0,
    isBeside ? medianOf(past, ({ switchMs }) => listed(switchMs)) : 0,
    verifies ? medianOf(past, ({ verifyMs }) => listed(verifyMs)) : 0,
  ];
  return Math.round(parts.reduce<number>((sum, ms) => sum + (ms ?? 0), 0) / 100) / 10;
}

const listed = (ms: number | undefined): readonly number[] => (ms === undefined ? [] : [ms]);

function medianOf(past: readonly PastRollout[], part: (one: PastRollout) => readonly number[]): number | undefined {
  const all = past.flatMap(part).toSorted((a, b) => a - b);
  return all[Math.floor(all.length / 2)];
}
