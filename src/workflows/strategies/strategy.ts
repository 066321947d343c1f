import type { StrategyName } from "#core/service.ts";
import type { Ending } from "#workflows/decide.ts";
import type { Releasing } from "#workflows/releasing.ts";
import { allAtOnce } from "#workflows/strategies/all-at-once.ts";
import { blueGreen } from "#workflows/strategies/blue-green.ts";
import { canary } from "#workflows/strategies/canary.ts";
import { rolling } from "#workflows/strategies/rolling.ts";

/** How a release gets from the first host to the last. Each is one file that reads like a runbook. */
export type Strategy = {
  /** Every host of the plan is on the release and serves; or how the rollout must end. */
  release(releasing: Releasing): Promise<Ending | undefined>;
  /** What was kept for an instant return is let go. Only after all else was good; a failure of it fails nothing. */
  settle?(releasing: Releasing): Promise<void>;
};

export const strategyOf: Readonly<Record<StrategyName, Strategy>> = {
  rolling,
  canary,
  "blue-green": blueGreen,
  "all-at-once": allAtOnce,
};
