import { judgeCanary } from "#workflows/judge-canary.ts";
import { eachBatch } from "#workflows/strategies/rolling.ts";
import type { Strategy } from "#workflows/strategies/strategy.ts";

/** The first hosts, a verdict on them under real traffic, then the others batch by batch. */
export const canary: Strategy = {
  async release(releasing) {
    const [first, ...others] = releasing.course.plan.batches;
    if (!first) return undefined;
    const ending = (await releasing.batch(first)) ?? (await judgeCanary(releasing, first));
    return ending ?? (await eachBatch(releasing, others));
  },
};
