import assert from "node:assert/strict";
import { fc, seed } from "#test/seeded-check.ts";
import { stageOf } from "./play.ts";
import { type Scenario, type Size, scenarios } from "./scenario.ts";

export type Many = Size & { readonly runs: number; readonly narrow?: (scenario: Scenario) => Scenario };

/** Plays so many random scenarios; fails with the smallest that breaks a rule, and with what the rule said. */
export async function playMany({ runs, narrow = (same) => same, ...size }: Many): Promise<void> {
  const started = performance.now();
  const counts = { played: 0, deaths: 0, rollouts: 0 };
  const property = fc.asyncProperty(scenarios(size).map(narrow), async (scenario) => {
    const simulation = stageOf(scenario);
    await simulation.run();
    counts.played++;
    counts.deaths += simulation.deaths;
    counts.rollouts += simulation.rollouts.length;
    assert.deepEqual(simulation.violations, []);
  });
  try {
    await fc.assert(property, { numRuns: runs });
  } finally {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const { played, rollouts, deaths } = counts;
    console.log(`${played} runs, ${rollouts} rollouts, ${deaths} deaths in ${seconds} s; SLIPWAY_SEED=${seed}`);
  }
}
