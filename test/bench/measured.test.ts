import assert from "node:assert/strict";
import { test } from "node:test";
import { measuredOf } from "./measured.ts";

const way = (medianSeconds: number, failed = 0) => ({ seconds: [medianSeconds], medianSeconds, requests: 100, failed });
const cost = (hosts: number, ms: number) => ({
  hosts,
  cpuMsPerHost: 2 * ms,
  orchestratorCpuMsPerHost: ms,
  cpuMsBy: {},
  peakMemoryMb: 200,
  seconds: 1,
});
const metOf = (parts: Parameters<typeof measuredOf>[0]) => measuredOf(parts).targets.map(({ isMet }) => isMet);

test("Slipway is held against the floor and the playbook, and failed requests against none", () => {
  const good = { floor: way(2), slipway: way(2.2), ansible: way(8) };
  assert.deepEqual(metOf({ rounds: 1, rolling: good }), [true, true, true]);
  assert.deepEqual(metOf({ rounds: 1, rolling: { ...good, slipway: way(2.8) } }), [false, false, true]);
  assert.deepEqual(metOf({ rounds: 1, rolling: { ...good, floor: way(2, 1) } }), [true, true, false]);
});

test("a push is counted less the floor, which was measured in the same run", () => {
  const rolling = { floor: way(2) };
  const measured = measuredOf({ rounds: 1, rolling, push: { rounds: [], medianSecondsLessUser: 4.5 } });
  assert.equal(measured.pushSecondsBeyondFloor, 2.5);
});

test("a fleet whose cost of a host grows is not flat", () => {
  assert.deepEqual(metOf({ rounds: 1, simulated: [cost(10, 2), cost(1_000, 2.5)] }), [true, true, true]);
  assert.deepEqual(metOf({ rounds: 1, simulated: [cost(10, 2), cost(1_000, 4)] }), [true, true, false]);
});
