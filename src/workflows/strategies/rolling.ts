import type { Batch } from "#core/plan.ts";
import type { Ending } from "#workflows/decide.ts";
import type { Releasing } from "#workflows/releasing.ts";
import type { Strategy } from "#workflows/strategies/strategy.ts";

/** One batch after the other. */
export const rolling: Strategy = {
  release: (releasing) => eachBatch(releasing, releasing.course.plan.batches),
};

export async function eachBatch(releasing: Releasing, batches: readonly Batch[]): Promise<Ending | undefined> {
  for (const batch of batches) {
    const ending = await releasing.batch(batch);
    if (ending) return ending;
  }
  return undefined;
}
