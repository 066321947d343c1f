import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, counted, duration } from "./words.ts";

test("durations and ages in the unit a person would say", () => {
  assert.deepEqual([0, 999, 1_000, 9_949, 59_400, 65_000, 7_380_000].map(duration), [
    "0 ms",
    "999 ms",
    "1.0 s",
    "9.9 s",
    "59 s",
    "1 min 5 s",
    "2 h 3 min",
  ]);
  const now = Date.parse("2026-11-23T10:00:00Z");
  assert.equal(ago(undefined, now), "never");
  assert.equal(ago("2026-11-23T09:55:00Z", now), "5 min ago");
  assert.equal(ago("2026-11-23T10:00:05Z", now), "0 s ago");
  assert.equal(ago("2026-11-20T10:00:00Z", now), "3 d ago");
  assert.deepEqual([counted(1, "host"), counted(2, "host")], ["1 host", "2 hosts"]);
});
