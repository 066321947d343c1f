import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { countedWithin, sampleEveryMs, seriesOf, type TrafficSample } from "./traffic-series.ts";

const startMs = Date.UTC(2026, 0, 1);
const at = (ms: number) => new Date(startMs + ms).toISOString();

/** A counter's readings: times and totals that only grow, in whatever order they are kept. */
const part = fc.record({
  part: fc.constantFrom("prober a", "prober b", "edge since x", "edge since y"),
  steps: fc.array(fc.tuple(fc.integer({ min: 1, max: 90_000 }), fc.nat(5_000), fc.nat(3)), { maxLength: 30 }),
  firstMs: fc.integer({ min: -5_000, max: 60_000 }),
});
const samples = fc.uniqueArray(part, { selector: (each) => each.part, maxLength: 4 }).map((parts) =>
  parts.flatMap(({ part: name, steps, firstMs }) => {
    let [ms, requests, failed] = [firstMs, 7, 0];
    return steps.map(([waited, more, lost]): TrafficSample => {
      [ms, requests, failed] = [ms + waited, requests + more, failed + lost];
      const observer = name.startsWith("prober") ? "prober" : "balancers";
      return { part: name, observer, at: at(ms), count: { requests, failed, cut: 0 } };
    });
  }),
);
const sum = (counts: readonly number[] = []) => counts.reduce((total, count) => total + count, 0);
const counted = (all: readonly TrafficSample[], observer: string) =>
  sum(
    [...Map.groupBy(all, (sample) => sample.part).values()]
      .filter((looks) => looks[0]?.observer === observer)
      .map((looks) => (looks.at(-1)?.count.requests ?? 0) - (looks[0]?.count.requests ?? 0)),
  );

test("a series adds up to what was counted, has no negative count and at most 600 points", () => {
  fc.assert(
    fc.property(samples, (all) => {
      const series = seriesOf(all.toReversed(), startMs);
      assert.equal(series === undefined, all.length === 0);
      for (const observer of ["prober", "balancers"] as const) {
        const counts = series?.[observer];
        assert.equal(sum(counts?.requests), counted(all, observer));
        assert.ok((counts?.requests.length ?? 0) <= 600);
        assert.ok([...(counts?.requests ?? []), ...(counts?.failed ?? [])].every((count) => count >= 0));
      }
    }),
    { numRuns: 1_000 },
  );
});

test("cut anywhere, what was counted before and after the cut is the whole", () => {
  fc.assert(
    fc.property(samples, fc.integer({ min: -10_000, max: 400_000 }), (all, cutMs) => {
      const before = countedWithin(all, Number.NEGATIVE_INFINITY, startMs + cutMs);
      const after = countedWithin(all, startMs + cutMs, Number.POSITIVE_INFINITY);
      if (!before || !after) return;
      for (const observer of ["prober", "balancers"] as const)
        assert.equal((before[observer]?.requests ?? 0) + (after[observer]?.requests ?? 0), counted(all, observer));
    }),
    { numRuns: 1_000 },
  );
});

test("a look each second at first, then ever fewer: a day of waiting for a person stays small", () => {
  assert.deepEqual([0, 299_999, 300_000, 600_000].map(sampleEveryMs), [1_000, 1_000, 2_000, 4_000]);
  let looks = 0;
  for (let ms = 0; ms < 24 * 3_600_000; ms += sampleEveryMs(ms)) looks++;
  assert.ok(looks < 2_000, `${looks} looks`);
});

test("a balancer that restarted, and a prober that was killed, each count from their own beginning", () => {
  const sample = (name: string, ms: number, requests: number): TrafficSample => ({
    part: name,
    observer: "balancers",
    at: at(ms),
    count: { requests, failed: 0, cut: 0 },
  });
  const restarted = [
    sample("edge since 1", 0, 1_000),
    sample("edge since 1", 1_000, 1_100),
    sample("edge since 2", 2_000, 0),
    sample("edge since 2", 3_000, 50),
  ];
  assert.deepEqual(seriesOf(restarted, startMs)?.balancers?.requests, [100, 0, 50]);
});
