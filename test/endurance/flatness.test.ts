import assert from "node:assert/strict";
import { test } from "node:test";
import { flatnessOf } from "./flatness.ts";

test("a line that rises by 2 a sample is seen to, by the fit and by the quarters", () => {
  const rising = Array.from({ length: 100 }, (_, index) => 100 + 2 * index);
  const { growthPerSample, firstQuarterMedian, lastQuarterMedian, growth } = flatnessOf(rising);
  assert.deepEqual([growthPerSample, firstQuarterMedian, lastQuarterMedian], [2, 124, 274]);
  assert.ok(growth > 1.2 && growth < 1.22, `${growth}`);
});

test("noise around a level is flat; one high sample moves no median", () => {
  const noisy = Array.from({ length: 40 }, (_, index) => 100 + (index % 4) - (index === 39 ? -500 : 0));
  const { firstQuarterMedian, lastQuarterMedian } = flatnessOf(noisy);
  assert.ok(Math.abs(firstQuarterMedian - lastQuarterMedian) <= 1, `${firstQuarterMedian} ${lastQuarterMedian}`);
});

test("one sample is flat", () => {
  assert.deepEqual([flatnessOf([7]).growth, flatnessOf([7]).growthPerSample], [0, 0]);
});
