import assert from "node:assert/strict";
import { test } from "node:test";
import { atLeast, atMost, median } from "./figures.ts";

test("the median is the middle one, or half-way between the two in the middle", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([9, 1, 5, 6]), 5.5);
  assert.equal(median([4]), 4);
  assert.throws(() => median([]), /nothing was measured/);
});

test("a target at its very limit is met, one beyond it is missed", () => {
  assert.equal(atMost("ratio", 1.15, 1.15).isMet, true);
  assert.equal(atMost("ratio", 1.1501, 1.15).isMet, false);
  assert.equal(atLeast("ratio", 3, 3).isMet, true);
  assert.equal(atLeast("ratio", 2.9999, 3).isMet, false);
});
