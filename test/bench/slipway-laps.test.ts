import assert from "node:assert/strict";
import { test } from "node:test";
import type { TimelineEventShape } from "../../src/contract/shapes.ts";
import { lapsOf, timeLeftOver } from "./slipway-laps.ts";

const event = (ms: number, step: TimelineEventShape["step"], phase: TimelineEventShape["phase"], host?: string) => ({
  seq: ms,
  rolloutId: "r",
  at: new Date(ms).toISOString(),
  step,
  phase,
  attempt: 1,
  ...(host ? { host } : {}),
});

test("every act's time is found on its own host, and what is between acts is left over", () => {
  const laps = lapsOf([
    event(0, "plan", "started"),
    event(40, "plan", "succeeded"),
    event(50, "drain", "started", "web-1"),
    event(60, "drain", "progress", "web-1"),
    event(150, "drain", "succeeded", "web-1"),
    event(160, "drain", "started", "web-2"),
    event(190, "drain", "succeeded", "web-2"),
  ]);
  assert.deepEqual(laps, [{ plan: 40 }, { drain: 100 }, { drain: 30 }]);
  assert.deepEqual(timeLeftOver(200, laps), { "between acts": 30 });
});
