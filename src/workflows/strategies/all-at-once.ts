import { eachBatch } from "#workflows/strategies/rolling.ts";
import type { Strategy } from "#workflows/strategies/strategy.ts";

/** Every host side by side: for workers without a balancer. The plan has one batch, and refuses where users would notice. */
export const allAtOnce: Strategy = {
  release: (releasing) => eachBatch(releasing, releasing.course.plan.batches),
};
