import assert from "node:assert/strict";
import { test } from "node:test";
import { driftOf } from "./drift.ts";

const live = { release: 7, digest: "sha256:7" };
const good = { release: 7, digest: "sha256:7", inService: true };
const kindOf = (change: object) => driftOf({ ...good, ...change }, live)?.kind;

test("a host that runs the live release and serves has not drifted, also where no balancer is", () => {
  assert.equal(driftOf(good, live), undefined);
  assert.equal(driftOf({ release: 7, digest: "sha256:7" }, live), undefined);
});

test("the gravest difference is named", () => {
  assert.equal(kindOf({ release: 6, inService: false }), "release");
  assert.equal(kindOf({ digest: "sha256:6" }), "release");
  assert.equal(kindOf({ inService: false, balancerState: "maintenance" }), "out-of-service");
  assert.equal(kindOf({ problem: "Could not reach web-1", release: 6 }), "unreachable");
  assert.equal(driftOf({ inService: false }, live)?.message, "release 7 does not run here");
});
