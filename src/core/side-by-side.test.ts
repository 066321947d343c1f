import assert from "node:assert/strict";
import { test } from "node:test";
import { sideBySide } from "./side-by-side.ts";

test("never more than so many at once, every item once, the results in their order", async () => {
  let [now, most] = [0, 0];
  const twice = async (item: number) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5 - item));
    now--;
    return item * 2;
  };
  assert.deepEqual(await sideBySide([1, 2, 3, 4, 5], 2, twice), [2, 4, 6, 8, 10]);
  assert.equal(most, 2);
  assert.deepEqual(await sideBySide([], 2, twice), []);
});
