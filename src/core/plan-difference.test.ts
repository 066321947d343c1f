import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "./plan.ts";
import { planDifference } from "./plan-difference.ts";

const visit = (name: string, pull = false) => ({ name, pull }) as Plan["batches"][number]["hosts"][number];
const batch = (...hosts: Plan["batches"][number]["hosts"]) => ({ hosts }) as unknown as Plan["batches"][number];
const shown = {
  release: 7,
  strategy: "rolling",
  inService: 4,
  minHealthy: 3,
  skipped: [],
  holds: ["lock"],
  warnings: [],
  refusals: [],
  batches: [batch(visit("web-1")), batch(visit("web-2", true))],
} as unknown as Plan;

const cases: readonly [string, Partial<Plan>, readonly string[]][] = [
  ["nothing where it does the same", {}, []],
  ["another release", { release: 8 }, ["release 8 instead of 7"]],
  ["fewer in service", { inService: 3 }, ["3 hosts are in service, 4 were when the plan was shown"]],
  ["another floor", { minHealthy: 2 }, ["at least 2 hosts stay in service, it was 3"]],
  ["another strategy", { strategy: "canary" }, ["the strategy is canary, it was rolling"]],
  ["another hold", { holds: ["lock", "alerts pager"] }, ["alerts pager is held as well"]],
  ["a hold less", { holds: [] }, ["lock is not held any more"]],
  ["another order", { batches: [...shown.batches].reverse() }, ["the order changed to web-2, web-1"]],
  [
    "a host that cannot be reached, once",
    { batches: shown.batches.slice(0, 1), skipped: ["web-2"] },
    ["web-2 cannot be reached and is left out"],
  ],
  ["a host besides", { batches: [...shown.batches, batch(visit("web-3"))] }, ["web-3 must be visited as well"]],
  ["a host less", { batches: shown.batches.slice(1) }, ["web-1 needs no visit any more"]],
  [
    "what is to be pulled",
    { batches: [batch(visit("web-1", true)), batch(visit("web-2"))] },
    ["web-1 must pull the image", "web-2 holds the image already"],
  ],
  [
    "a new reason to refuse or to look at it",
    {
      refusals: [{ reason: "it is locked", advice: "Wait." }] as unknown as Plan["refusals"],
      warnings: [{ message: "little disk" }] as unknown as Plan["warnings"],
    },
    ["worth a look: little disk", "refused: it is locked"],
  ],
];

for (const [what, change, words] of cases)
  test(`a plan that is made again says ${what}`, () => {
    assert.deepEqual(planDifference(shown, { ...shown, ...change }), words);
  });
