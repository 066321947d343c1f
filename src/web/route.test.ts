import assert from "node:assert/strict";
import { test } from "node:test";
import { buildAddress, rolloutAddress, viewOf } from "./route.ts";

test("each view has its address", () => {
  for (const empty of ["", "#", "#/"]) assert.deepEqual(viewOf(empty), { name: "overview" });
  assert.deepEqual(viewOf("#/builds/14"), { name: "build", id: "14" });
  assert.deepEqual(viewOf("#/rollouts/a-b-c/"), { name: "rollout", id: "a-b-c" });
});

test("an id survives its own address, whatever is in it", () => {
  for (const id of ["7", "a/b", "../x", "%", "?q=1#h", "é"]) {
    assert.deepEqual(viewOf(buildAddress(id)), { name: "build", id });
    assert.deepEqual(viewOf(rolloutAddress(id)), { name: "rollout", id });
  }
});

test("anything else is no view, and nothing throws", () => {
  for (const hash of ["#/hosts/1", "#/builds", "#/builds/1/2", "#/builds/%", "#token=abc"]) {
    assert.deepEqual(viewOf(hash), { name: "unknown" });
  }
});
