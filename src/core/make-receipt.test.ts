import assert from "node:assert/strict";
import { test } from "node:test";
import { makeReceipt, type ReceiptInput } from "#core/make-receipt.ts";
import type { TimelineEvent } from "#core/rollout.ts";

type Said = [seconds: number, step: TimelineEvent["step"], phase: TimelineEvent["phase"], direction?: "back"];

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 23) + seconds * 1_000).toISOString();

const hostOf = (...said: Said[]) => {
  const timeline = said.map(([seconds, step, phase, direction = "forward"], index) => {
    const place = { rolloutId: "r", host: "web-1", direction, attempt: 1 };
    return { ...place, seq: index + 1, at: at(seconds), step, phase } as TimelineEvent;
  });
  const plan = { batches: [{ hosts: [{ name: "web-1", pull: false }], inServiceMeanwhile: 1 }], upToDate: [] };
  const input = {
    ...{ rollout: { number: 1, plan, createdAt: at(0) }, release: { commit: {}, image: {} }, timeline },
    ...{ outcome: "succeeded", endedAt: at(100) },
  };
  return makeReceipt(input as unknown as ReceiptInput).hosts[0];
};

const drained: Said[] = [
  [0, "drain", "started"],
  [1, "drain", "succeeded"],
];
const checkFailed: Said[] = [
  [1, "check", "started"],
  [4, "check", "failed"],
];

test("a host that a person had tried again, and that then did well, is released", () => {
  const again: Said[] = [
    [60, "drain", "started"],
    [62, "drain", "succeeded"],
    [62, "bake", "started"],
    [63, "bake", "succeeded"],
  ];
  const host = hostOf(...drained, ...checkFailed, ...again);
  assert.equal(host?.outcome, "released");
  assert.deepEqual(host?.stepsMs, { drain: 3_000, check: 3_000, bake: 1_000 }, "without the minute of the pause");
  assert.equal(hostOf(...drained, ...checkFailed)?.outcome, "failed");
  assert.equal(hostOf(...drained, ...checkFailed, [60, "drain", "started"])?.outcome, "failed");
});

test("a host that was started beside the old one is released when it was found healthy", () => {
  const beside: Said[] = [
    [0, "replace", "started"],
    [1, "replace", "succeeded"],
  ];
  assert.equal(hostOf(...beside, [1, "check", "started"], [4, "check", "succeeded"])?.outcome, "released");
  assert.equal(hostOf(...beside, ...checkFailed)?.outcome, "failed");
  assert.equal(hostOf(...drained, [1, "check", "started"], [4, "check", "succeeded"])?.outcome, "failed");
});

test("what a restart interrupted counts whole", () => {
  const host = hostOf([0, "drain", "started"], [5, "drain", "started"], [9, "drain", "succeeded"]);
  assert.deepEqual(host?.stepsMs, { drain: 9_000 });
});
