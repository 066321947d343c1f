import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServerSight } from "#ports/balancer.ts";
import { nextMove } from "./admission.ts";

function server(state: ServerSight["state"], checkOk: boolean | undefined, isReady: boolean, isForced = false) {
  const hasCheck = checkOk !== undefined;
  const sight = { server: "web-1", state, inFlight: 0, reason: "", ...(hasCheck ? { checkOk } : {}) };
  return { sight, hasCheck, isChecking: false, isReady, isForcedMaintenance: isForced, idleConnections: 0 };
}

test("each state has its next move, and only a good check leads into service", () => {
  assert.equal(nextMove(server("maintenance", false, false, true)), "recheck");
  assert.equal(nextMove(server("maintenance", false, false)), "wait");
  assert.equal(nextMove(server("draining", false, false)), "wait");
  assert.equal(nextMove(server("draining", true, false)), "ready");
  assert.equal(nextMove(server("draining", undefined, false)), "ready");
  assert.equal(nextMove(server("draining", true, true)), "wait", "weight 0");
  assert.equal(nextMove(server("in-service", false, true)), "wait");
  assert.equal(nextMove(server("in-service", true, true)), "admitted");
  assert.equal(nextMove(server("in-service", undefined, true)), "admitted");
  assert.equal(nextMove(server("down", false, true)), "wait");
});
