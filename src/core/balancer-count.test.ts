import assert from "node:assert/strict";
import { test } from "node:test";
import { type BalancerReading, countedByBalancers } from "#core/balancer-count.ts";
import type { TrafficSample } from "#core/traffic-series.ts";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 23, 12) + seconds * 1_000).toISOString();
const [born, reborn] = ["2026-11-01T00:00:00.000Z", at(4)];

const reading = (when: "before" | "after", requests: number, startedAt = born, failed = 0): BalancerReading => ({
  part: `${when} edge`,
  counters: { requests, failed, cut: 0, startedAt },
});
const look = (seconds: number, requests: number, startedAt = born, failed = 0): TrafficSample => ({
  ...{ part: `edge since ${startedAt}`, observer: "balancers", at: at(seconds), count: { requests, failed, cut: 0 } },
});
const counted = (readings: readonly BalancerReading[], samples: readonly TrafficSample[], balancers = ["edge"]) =>
  countedByBalancers({ balancers, readings, samples, endMs: Date.parse(at(60)) });

test("without a restart it is the difference of the two readings, whatever was seen around them", () => {
  const looks = [look(0, 900), look(2, 1_010), look(9, 1_090), look(61, 1_300)];
  const { count, uncounted } = counted([reading("before", 1_000), reading("after", 1_100, born, 2)], looks);
  assert.deepEqual(count, { requests: 100, failed: 2, cut: 0 });
  assert.deepEqual(uncounted, []);
});

test("a balancer that restarted in mid-rollout has counted what was seen of both its lives, and says what was lost", () => {
  const looks = [look(1, 1_030, born, 1), look(3, 1_070, born, 3), look(5, 20, reborn), look(9, 90, reborn)];
  const { count, uncounted } = counted([reading("before", 1_000), reading("after", 120, reborn, 1)], looks);
  assert.deepEqual(count, { requests: 70 + 120, failed: 3 + 1, cut: 0 });
  assert.deepEqual(uncounted, [
    "edge began to count anew after 12:00:03 UTC: what it counted from then until that is not in here.",
  ]);
});

test("a counter that somebody cleared never makes less than nothing", () => {
  const { count, uncounted } = counted([reading("before", 1_000), reading("after", 15)], [look(2, 1_040), look(4, 5)]);
  assert.deepEqual(count, { requests: 40 + 5 + 10, failed: 0, cut: 0 });
  assert.equal(uncounted.length, 1);
});

test("a balancer that is silent at the start, at the end or all the time counts as far as it was seen, and says so", () => {
  const looks = [look(2, 1_010), look(9, 1_090), look(70, 1_300)];
  assert.deepEqual(counted([reading("after", 1_100)], looks), {
    count: { requests: 90, failed: 0, cut: 0 },
    uncounted: ["edge did not answer at the start: it is counted from 12:00:02 UTC on."],
  });
  assert.deepEqual(counted([reading("before", 1_000)], looks), {
    count: { requests: 90, failed: 0, cut: 0 },
    uncounted: ["edge did not answer at the end: it is counted until 12:00:09 UTC."],
  });
  const two = counted([reading("before", 1_000), reading("after", 1_100)], [], ["edge", "other"]);
  assert.deepEqual(two.count, { requests: 100, failed: 0, cut: 0 });
  assert.deepEqual(two.uncounted, ["other did not answer: nothing that it counted is in here."]);
});

test("a silence in the middle loses nothing, and what nobody watched is no count", () => {
  const { count, uncounted } = counted([reading("before", 1_000), reading("after", 1_100)], []);
  assert.deepEqual([count?.requests, uncounted], [100, []]);
  assert.deepEqual(counted([reading("after", 1_100)], []), { uncounted: [] });
});
