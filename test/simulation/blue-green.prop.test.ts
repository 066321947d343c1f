import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { playMany } from "./play-many.ts";

test("no rule is broken when hosts have two places", () =>
  playMany({
    runs: 2500,
    hosts: fc.integer({ min: 1, max: 5 }),
    narrow: (scenario) => ({
      ...scenario,
      balancers: Math.max(1, scenario.balancers),
      hasSecondPlaces: true,
      hasHealthCheck: true,
      offAtFirst: 0,
      rollout: { ...scenario.rollout, strategy: scenario.rollout.strategy === "rolling" ? "rolling" : "blue-green" },
    }),
  }));
