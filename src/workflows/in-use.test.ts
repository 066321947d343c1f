import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServerSight } from "#ports/balancer.ts";
import { inOrderOfUse, servedBy, servesAt } from "./in-use.ts";

const look = (...inService: readonly string[]): readonly ServerSight[] =>
  ["web-1", "web-1-green"].map((server) => ({
    server,
    state: inService.includes(server) ? "in-service" : "draining",
    inFlight: 0,
    reason: "",
  }));
const containers = [
  { name: "old", rollout: 1, server: "web-1" },
  { name: "new", rollout: 2, server: "web-1-green" },
];
const order = (...looks: readonly (readonly ServerSight[])[]) =>
  inOrderOfUse(containers, ({ server }) => servedBy(looks, server)).map(({ name }) => name);

test("what more balancers serve is in use, though one of them does not; where they say nothing, the newest is", () => {
  assert.deepEqual(order(look("web-1"), look()), ["old", "new"]);
  assert.deepEqual(order(look("web-1"), look("web-1", "web-1-green")), ["old", "new"]);
  assert.deepEqual(order(look(), look()), ["new", "old"]);
  assert.deepEqual(order(), ["new", "old"]);
});

test("a server serves when every balancer has it in service", () => {
  assert.equal(servesAt([look("web-1"), look("web-1")], "web-1"), true);
  assert.equal(servesAt([look("web-1"), look()], "web-1"), false);
});
