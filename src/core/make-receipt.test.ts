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

test("a host that was started beside the old one is released when it was switched, with the times of the switch", () => {
  const beside: Said[] = [
    [0, "replace", "started"],
    [1, "replace", "succeeded"],
    [1, "check", "started"],
    [4, "check", "succeeded"],
  ];
  const admitted: Said[] = [
    [5, "admit", "started"],
    [6, "admit", "succeeded"],
  ];
  const oldDrained: Said[] = [
    [6, "drain", "started"],
    [8, "drain", "succeeded"],
  ];
  const switched = hostOf(...beside, ...admitted, ...oldDrained);
  assert.equal(switched?.outcome, "released");
  assert.deepEqual(switched?.stepsMs, { replace: 1_000, check: 3_000, admit: 1_000, drain: 2_000 });
  assert.equal(hostOf(...beside, ...admitted)?.outcome, "released");
  assert.equal(hostOf(...beside)?.outcome, "failed", "it ran beside the old one, and never served");
  assert.equal(hostOf(...beside.slice(0, 2), ...checkFailed)?.outcome, "failed");
  assert.equal(hostOf(...drained, [1, "check", "started"], [4, "check", "succeeded"])?.outcome, "failed");
});

test("what a restart interrupted counts whole", () => {
  const host = hostOf([0, "drain", "started"], [5, "drain", "started"], [9, "drain", "succeeded"]);
  assert.deepEqual(host?.stepsMs, { drain: 9_000 });
});

test("hosts that joined in mid-rollout, were left out, or could not be reached, are in the receipt with what happened", () => {
  const events: [host: string, step: string, phase: string, direction: string, message?: string][] = [
    ["web-1", "drain", "started", "forward"],
    ["web-1", "drain", "succeeded", "forward"],
    ["web-1", "check", "failed", "forward", "web-1 did not answer."],
    ["web-1", "replace", "succeeded", "back"],
    ["web-8", "prepare", "failed", "forward", "web-8 could not pull."],
    ["web-9", "admit", "started", "forward"],
    ["web-9", "admit", "succeeded", "forward"],
  ];
  const timeline = events.map(([host, step, phase, direction, message], index) => {
    return { rolloutId: "r", seq: index, attempt: 1, at: at(index), host, step, phase, direction, message };
  });
  const plan = {
    batches: [{ hosts: [{ name: "web-1", pull: false }], inServiceMeanwhile: 1 }],
    upToDate: ["web-2"],
    skipped: ["web-3", "web-9"],
  };
  const input = {
    ...{ rollout: { number: 1, plan, createdAt: at(0) }, release: { commit: {}, image: {} }, timeline },
    ...{ outcome: "succeeded", endedAt: at(100), excluded: ["web-1", "web-8", "web-7"] },
  };
  const { hosts } = makeReceipt(input as unknown as ReceiptInput);
  const told = hosts.map(({ host, outcome, joined, why }) => [host, outcome, joined ?? false, why ?? ""]);
  assert.deepEqual(told, [
    ["web-1", "put-back", false, "web-1 did not answer."],
    ["web-2", "untouched", false, ""],
    ["web-8", "left-out", true, "web-8 could not pull."],
    ["web-9", "released", true, ""],
    ["web-7", "left-out", true, "A person, or the policy for failures, left it out."],
    ["web-3", "left-out", false, "It could not be reached when the rollout was planned."],
  ]);
});
