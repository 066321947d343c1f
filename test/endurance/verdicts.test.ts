import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endurance } from "./run-endurance.ts";
import { verdictsOf } from "./verdicts.ts";

const megabyte = 2 ** 20;
const sample = (rollout: number, heapMb: number) => {
  return { rollout, seconds: 10, rssBytes: 200 * megabyte, heapBytes: heapMb * megabyte, files: 60, threads: 11 };
};
const nothing = { connections: {}, processes: {}, containers: {}, images: {}, files: 0, sum: 0 };
const websockets = { open: 0, opened: 42, closed: 40, cut: 0, refused: 0, messages: 99 };

const good: Endurance = {
  asked: { rollouts: 20, rate: 10, websockets: 2 },
  seconds: 200,
  samples: Array.from({ length: 20 }, (_, index) => sample(index + 1, 40 + (index % 2))),
  users: { requests: 2_000, answered: 2_000, failed: 0, cut: 0, websockets, noted: [] },
  left: nothing,
};

const brokenBy = (change: Partial<Endurance>) =>
  verdictsOf({ ...good, ...change })
    .filter(({ isGood }) => !isGood)
    .map(({ what }) => what);

test("a run in which nothing was lost, left or grown keeps every promise", () => {
  assert.deepEqual(brokenBy({}), []);
});

for (const [what, change] of [
  ["requests that could not be sent, of all", { users: { ...good.users, requests: 1_940 } }],
  [
    "growth of the server's heap, by its line",
    { samples: good.samples.map(({ rollout }) => sample(rollout, 40 + rollout / 2)) },
  ],
  [
    "websockets that the program did not close in a rollout",
    { users: { ...good.users, websockets: { ...websockets, closed: 39, opened: 41 } } },
  ],
  ["websockets that did not come back", { users: { ...good.users, websockets: { ...websockets, opened: 41 } } }],
  ["containers beyond those of before", { left: { ...nothing, containers: { "web-1": 1 }, sum: 1 } }],
  ["rollouts that did not succeed", { problem: "rollout 3 failed" }],
] as const)
  test(`endurance does not hold: ${what}`, () => {
    assert.deepEqual(brokenBy(change), [what]);
  });
