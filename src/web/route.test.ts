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

test("the address in a notice names the host whose bundle is open", () => {
  assert.deepEqual(viewOf("#/rollouts/a-b?bundle=web-1"), { name: "rollout", id: "a-b", bundle: "web-1" });
  assert.deepEqual(viewOf("#/rollouts/a-b?bundle=caf%C3%A9%20%25"), { name: "rollout", id: "a-b", bundle: "café %" });
  for (const none of ["?", "?bundle=", "?x=1"])
    assert.deepEqual(viewOf(`#/rollouts/7${none}`), { name: "rollout", id: "7" });
});

test("anything else is no view, and nothing throws", () => {
  for (const hash of ["#/hosts/1", "#/builds", "#/builds/1/2", "#/builds/%", "#token=abc"]) {
    assert.deepEqual(viewOf(hash), { name: "unknown" });
  }
});
