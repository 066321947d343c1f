import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutDetail, TimelineEventShape } from "#contract/shapes.ts";
import { LiveLines } from "./live-lines.ts";
import { makePaint } from "./paint.ts";
import { laneLines, renderEnd, timelineLine } from "./render-rollout.ts";

const paint = makePaint(false);
const at = "2026-11-23T10:00:03.000Z";
const event = (change: Partial<TimelineEventShape>): TimelineEventShape => ({
  seq: 1,
  rolloutId: "r",
  at,
  step: "drain",
  phase: "started",
  attempt: 1,
  ...change,
});
const rollout: RolloutDetail["rollout"] = {
  id: "r",
  number: 7,
  service: "hello",
  environment: "integration",
  release: 3,
  reason: "deploy",
  by: "ben",
  state: "running",
  createdAt: "2026-11-23T10:00:00.000Z",
};
const web1 = { host: "web-1" };

test("a timeline line names host, step, direction, a repeated try and what was said", () => {
  assert.equal(timelineLine(event(web1), paint), "10:00:03 … web-1 drain started");
  assert.equal(timelineLine(event({ ...web1, attempt: 2 }), paint), "10:00:03 … web-1 drain started (try 2)");
  const back = event({ ...web1, direction: "back", step: "admit", phase: "failed", message: "still\u001b[1m MAINT\n" });
  assert.equal(timelineLine(back, paint), "10:00:03 ✗ web-1 put back: admit failed: still MAINT");
  assert.equal(timelineLine(event({ step: "verify", phase: "succeeded" }), paint), "10:00:03 ✓ verify succeeded");
});

test("each host has a lane with the latest of each step, and the whole rollout a line", () => {
  const timeline = [
    event({ step: "prepare", phase: "succeeded" }),
    event({ ...web1 }),
    event({ ...web1, phase: "succeeded" }),
    event({ ...web1, step: "check", phase: "progress", message: "2 of 3 healthy" }),
  ];
  const traffic = { requests: 1, failed: 0, cut: 0 };
  const lines = laneLines({ rollout, hosts: ["web-1", "web-2"], timeline, traffic }, paint, 80, Date.parse(at));
  assert.deepEqual(lines, [
    "Rollout 7: hello release 3 to integration, running, 3.0 s",
    "  web-1  ✓ drain … check 2 of 3 healthy",
    "  web-2  waits",
    "  prepare succeeded",
    "  1 request, 0 failed, 0 cut off",
  ]);
});

test("a host that is put back shows only what is done to bring it back", () => {
  const timeline = [event({ ...web1, phase: "failed" }), event({ ...web1, direction: "back", step: "replace" })];
  const lines = laneLines({ rollout, hosts: ["web-1"], timeline }, paint, 80, Date.parse(at));
  assert.equal(lines[1], "  web-1  put back: … replace");
});

test("a host that is tried again shows its new try, not what failed before", () => {
  const timeline = [event({ ...web1, step: "check", phase: "failed" }), event({ ...web1, phase: "succeeded" })];
  const lines = laneLines({ rollout, hosts: ["web-1"], timeline }, paint, 80, Date.parse(at));
  assert.equal(lines[1], "  web-1  ✓ drain");
});

test("no lane is wider than the terminal, or drawing in place would go wrong", () => {
  const timeline = [event({ host: "web-with-a-very-long-name-indeed", phase: "failed", message: "x".repeat(500) })];
  const detail = { rollout, hosts: ["web-with-a-very-long-name-indeed"], timeline };
  for (const width of [60, 80, 200]) {
    for (const line of laneLines(detail, paint, width, Date.parse(at))) assert.ok([...line].length <= width, line);
  }
});

test("lines are drawn again over the ones before", () => {
  let written = "";
  const live = new LiveLines((text) => {
    written += text;
  }, 4);
  live.draw(["a", "b"]);
  live.draw(["c"]);
  assert.equal(written, "\r\u001b[Ja\nb\n\u001b[2A\r\u001b[Jc\n");
  live.draw(["1", "2", "3", "4", "5"]);
  assert.ok(written.endsWith("J1\n2\n  … 3 more lines\n"));
});

test("the end tells the state and the error with its advice", () => {
  const error = {
    code: "check.smoke",
    message: "Wrong answer",
    advice: "Compare.",
    command: "GET /version",
    exit: "404",
  };
  const lines = renderEnd({ rollout: { ...rollout, state: "failed", error }, hosts: [], timeline: [] }, paint);
  assert.deepEqual(lines, [
    "Rollout 7: hello release 3 to integration: failed",
    "  Wrong answer",
    "    command: GET /version",
    "    exit: 404",
    "  Compare.",
  ]);
});

test("the end of a superseded rollout names the one that goes on, and whom a rollout left out", () => {
  const ended = { ...rollout, state: "superseded" as const, supersededBy: 8, excluded: ["web-2"] };
  assert.deepEqual(renderEnd({ rollout: ended, hosts: [], timeline: [] }, paint), [
    "Rollout 7: hello release 3 to integration: superseded",
    "  left out, and running what they ran before: web-2",
    "  rollout/8 took its place",
  ]);
});

test("a plan that was made again says why, all the time", () => {
  const timeline = [
    event({ step: "plan", phase: "progress", message: "planned again: web-3 must be visited as well" }),
    event({ step: "prepare", phase: "succeeded" }),
  ];
  const lines = laneLines({ rollout, hosts: [], timeline }, paint, 80, Date.parse(at));
  assert.equal(lines[1], "  planned again: web-3 must be visited as well");
});
