import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, duration, receiptText, relativeTime, shortDigest } from "./words.ts";

test("durations take the units a person would say", () => {
  const said = [0, 119.6, 999.4, 4_180, 9_960, 59_400, 65_000, 120_000, 7_380_000, 266_400_000].map(duration);
  assert.deepEqual(said, [
    "0 ms",
    "120 ms",
    "999 ms",
    "4.2 s",
    "10 s",
    "59 s",
    "1 min 5 s",
    "2 min",
    "2 h 3 min",
    "3 d 2 h",
  ]);
});

test("a clock that is behind never gives a negative duration", () => {
  assert.equal(duration(-4_000), "0 ms");
});

test("times are relative in both directions", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  const at = (ms: number) => relativeTime(new Date(now + ms).toISOString(), now);
  assert.deepEqual([-1_000, -12_000, -3_599_000, -7_300_000, -90_000_000, 2_000, 20_000].map(at), [
    "just now",
    "12 s ago",
    "59 min ago",
    "2 h ago",
    "1 d ago",
    "in a moment",
    "in 20 s",
  ]);
  assert.equal(relativeTime("rubbish", now), "at an unknown time");
});

test("counts carry separators and the right plural", () => {
  assert.equal(counted(1, "host"), "1 host");
  assert.equal(counted(1204, "request"), "1,204 requests");
});

test("a digest is short enough to read and long enough to tell apart", () => {
  assert.equal(shortDigest(`sha256:${"ab12".repeat(16)}`), "sha256:ab12ab12ab12");
  assert.equal(shortDigest("strange"), "strange");
});

test("a receipt is one line, with the prober's count before the balancers'", () => {
  const receipt = {
    version: 1 as const,
    rollout: 1,
    service: "hello",
    environment: "integration",
    release: 2,
    commit: "c",
    image: "i",
    by: "b",
    outcome: "succeeded" as const,
    startedAt: "",
    endedAt: "",
    seconds: 14.2,
    longestDrainMs: 3,
    hosts: [],
  };
  assert.equal(receiptText(receipt), "14 s");
  const balancers = { requests: 9, failed: 1, cut: 2 };
  assert.equal(receiptText({ ...receipt, balancers }), "9 requests, 1 failed, 2 cut, 14 s");
  const prober = { requests: 1204, failed: 0, cut: 0 };
  assert.equal(receiptText({ ...receipt, balancers, prober }), "1,204 requests, 0 failed, 0 cut, 14 s");
});
