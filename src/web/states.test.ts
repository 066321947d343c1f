import assert from "node:assert/strict";
import { test } from "node:test";
import { hostLook, stepLook } from "./states.ts";

const host = { name: "web-1", address: "10.0.0.1" };
const seenAt = "2026-11-23T12:00:00Z";

test("a host that was not looked at is unknown, not down", () => {
  assert.equal(hostLook(host).word, "unknown");
  assert.equal(hostLook({ ...host, seenAt, problem: "no route" }).word, "unknown");
});

test("the balancer's word comes first, with or without its reason", () => {
  const word = (balancerState: string) => hostLook({ ...host, seenAt, inService: false, balancerState }).word;
  assert.deepEqual(["draining", "maintenance", "down (L7STS/503)", "checking (L4OK)", "strange"].map(word), [
    "draining",
    "in maintenance",
    "down",
    "being checked",
    "out of service",
  ]);
  assert.equal(hostLook({ ...host, seenAt, inService: true, balancerState: "in-service" }).word, "in service");
});

test("where there is no balancer, a running release is what can be said", () => {
  assert.equal(hostLook({ ...host, seenAt, release: 3 }).word, "runs, no balancer");
});

test("looks differ by more than their colour", () => {
  const looks = ["draining", "maintenance", "down", "checking"].map((balancerState) =>
    hostLook({ ...host, seenAt, inService: false, balancerState }),
  );
  assert.equal(new Set(looks.map((look) => `${look.icon} ${look.word}`)).size, looks.length);
});

test("a step waits only while its build goes on", () => {
  assert.equal(stepLook("waiting", "running").word, "waiting");
  assert.equal(stepLook("waiting", "failed").word, "not run");
  assert.equal(stepLook("failed", "failed").word, "failed");
});
