import type { Frame } from "#core/make-plan.ts";

/** From what earlier rollouts of the place took for a host: the median, once for each batch, and the bakes. */
export function expectedSeconds({ input, batches, strategy, spec }: Frame): number | undefined {
  const past = (input.pastHostMs ?? []).toSorted((a, b) => a - b);
  const median = past[Math.floor(past.length / 2)];
  if (median === undefined) return undefined;
  const bakeMs = strategy === "canary" ? (spec.rollout.canary?.bakeMs ?? 0) : 0;
  return Math.round((batches.length * median + bakeMs) / 100) / 10;
}
