import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { freshHealth, judge, type Verdict } from "./health.ts";
import type { HealthSpec } from "./service.ts";

const specs = fc.record({
  healthyAfter: fc.integer({ min: 1, max: 4 }),
  stableMs: fc.nat(4_000),
  deadlineMs: fc.integer({ min: 1, max: 20_000 }),
});
const answers = fc.array(fc.record({ isGood: fc.boolean(), afterMs: fc.nat(1_500) }), { maxLength: 30 });
type Answer = { readonly isGood: boolean; readonly afterMs: number };
type Seen = { readonly isGood: boolean; readonly nowMs: number; readonly verdict: Verdict };

const specOf = (given: Pick<HealthSpec, "healthyAfter" | "stableMs" | "deadlineMs">): HealthSpec => ({
  path: "/healthz",
  intervalMs: 1_000,
  timeoutMs: 5_000,
  ...given,
});

/** Every answer with its verdict, up to the first that settles it. */
function course(given: readonly Answer[], spec: HealthSpec, startMs = 0): Seen[] {
  let [state, nowMs] = [freshHealth(startMs), startMs];
  const seen: Seen[] = [];
  for (const { isGood, afterMs } of given) {
    nowMs += afterMs;
    const judged = judge(state, { isGood, nowMs }, spec);
    state = judged.state;
    seen.push({ isGood, nowMs, verdict: judged.verdict });
    if (judged.verdict !== "waiting") break;
  }
  return seen;
}

test("healthy is only who gave enough good answers in a row and then stayed good for the stable time", () => {
  fc.assert(
    fc.property(specs, answers, (given, all) => {
      const seen = course(all, specOf(given));
      const last = seen.at(-1);
      if (last?.verdict !== "healthy") return;
      const run = seen.slice(seen.findLastIndex(({ isGood }) => !isGood) + 1);
      assert.ok(run.length >= given.healthyAfter);
      const healthySince = run[given.healthyAfter - 1]?.nowMs ?? Number.NaN;
      assert.ok(last.nowMs - healthySince >= given.stableMs);
    }),
    { numRuns: 2_000 },
  );
});

test("nobody waits beyond the deadline, and nobody is given up before it", () => {
  fc.assert(
    fc.property(specs, answers, (given, all) => {
      for (const { nowMs, verdict } of course(all, specOf(given))) {
        if (verdict === "waiting") assert.ok(nowMs < given.deadlineMs);
        if (verdict === "unhealthy") assert.ok(nowMs >= given.deadlineMs);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a bad answer never makes a host healthy, and all that was good before it is forgotten", () => {
  const spec = specOf({ healthyAfter: 3, stableMs: 0, deadlineMs: 60_000 });
  const verdicts = (...good: boolean[]) =>
    course(
      good.map((isGood) => ({ isGood, afterMs: 1_000 })),
      spec,
    ).map(({ verdict }) => verdict);
  assert.deepEqual(verdicts(true, true, true), ["waiting", "waiting", "healthy"]);
  assert.deepEqual(
    verdicts(true, true, false, true, true),
    Array.from({ length: 5 }, () => "waiting"),
  );
});

test("when the clock began to count does not matter", () => {
  fc.assert(
    fc.property(specs, answers, fc.nat(10_000_000), (given, all, startMs) => {
      const words = (from: number) => course(all, specOf(given), from).map(({ verdict }) => verdict);
      assert.deepEqual(words(startMs), words(0));
    }),
  );
});
