import assert from "node:assert/strict";
import type { Profiler } from "node:inspector";
import { test } from "node:test";
import { cpuByPlace } from "./cpu-shares.ts";

const frame = (functionName: string, url: string) => ({
  functionName,
  url,
  scriptId: "",
  lineNumber: 0,
  columnNumber: 0,
});
const node = (
  id: number,
  url: string,
  hitCount: number,
  children: number[] = [],
  name = "f",
): Profiler.ProfileNode => ({
  id,
  callFrame: frame(name, url),
  hitCount,
  children,
});

test("time counts for the nearest of our own code above it, and idle time for nobody", () => {
  const nodes = [
    node(1, "", 0, [2, 5, 6, 7], "(root)"),
    node(2, "file:///x/src/workflows/rollout.ts", 10, [3]),
    node(3, "node:internal/x", 20, [4]),
    node(4, "file:///x/src/simulator/simulated-fleet.ts", 30),
    node(5, "file:///x/src/engine/memory-engine.ts", 30),
    node(6, "", 10, [], "(garbage collector)"),
    node(7, "", 900, [], "(idle)"),
  ];
  assert.deepEqual(cpuByPlace({ nodes, startTime: 0, endTime: 1 }, 200), {
    "node itself": 20,
    orchestrator: 60,
    simulator: 60,
    "journal in memory": 60,
  });
});
