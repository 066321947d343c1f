import { endsWell, everythingEnds, nothingStaysOff } from "./rules-of-ends.ts";
import { capacity, noEarlyTraffic, noFailedRequest } from "./rules-of-traffic.ts";
import {
  fenced,
  monotonic,
  neverDegrades,
  noSecondVisit,
  oneAtATime,
  onlyInterruptedRepeats,
  rollbackOnce,
} from "./rules-of-turns.ts";
import type { Rule } from "./watch.ts";

/** What is always true of a rollout: DESIGN.md, section 4, in its order; then what follows from it. */
export const rules = {
  "1 capacity": capacity,
  "2 no early traffic": noEarlyTraffic,
  "3 nothing stays off": nothingStaysOff,
  "4 one at a time": oneAtATime,
  "5 monotonic": monotonic,
  "6 ends well": endsWell,
  "7 rollback once": rollbackOnce,
  "8 refuse, never degrade": neverDegrades,
  "9 everything ends": everythingEnds,
  "10 only the interrupted step repeats": onlyInterruptedRepeats,
  "no failed request": noFailedRequest,
  "no second visit": noSecondVisit,
  fenced,
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof rules;
