import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBytes } from "./bytes.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { parseQuantity, quantityOfHosts } from "./quantity.ts";

test("durations", () => {
  const read = ["500ms", "10s", "1.5m", "6h", "3d", "0s"].map(parseDuration);
  assert.deepEqual(read, [500, 10_000, 90_000, 21_600_000, 259_200_000, 0]);
  for (const wrong of ["", "10", "10 sec", "10 s", "s", "-1s", "1e3s", "10S", "1,5s", "1.s", "10s\n5s"])
    assert.equal(parseDuration(wrong), undefined, wrong);
  assert.deepEqual([0, 500, 60_000, 90_000, 86_400_000].map(formatDuration), ["0ms", "500ms", "1m", "90s", "1d"]);
});

test("shares of hosts", () => {
  assert.equal(quantityOfHosts({ percent: 25 }, 3, "down"), 1);
  assert.equal(quantityOfHosts({ percent: 25 }, 10, "down"), 2);
  assert.equal(quantityOfHosts({ percent: 75 }, 10, "up"), 8);
  assert.equal(quantityOfHosts({ percent: 100 }, 0, "down"), 1);
  for (const wrong of [0, -1, 1.5, Number.NaN, "", "0", "0%", "101%", "-5%", "2.5%", "x", "%"])
    assert.equal(parseQuantity(wrong), undefined, String(wrong));
});

test("sizes of memory", () => {
  assert.deepEqual(["64k", "512m", "2g", "2GB"].map(parseBytes), [65_536, 536_870_912, 2_147_483_648, 2_147_483_648]);
  for (const wrong of ["", "512", "512 MB", "1.5g", "-1m", "m", "512t"])
    assert.equal(parseBytes(wrong), undefined, wrong);
});
