import assert from "node:assert/strict";
import { test } from "node:test";
import type { Balancer, BalancerAt } from "#ports/balancer.ts";
import { guardedBalancer } from "./guarded-balancer.ts";

const at = {} as BalancerAt;
const recording = (heard: string[]): Balancer =>
  new Proxy({} as Balancer, { get: (_, verb) => async () => void heard.push(String(verb)) });

test("a server that was cut off from its database gives a balancer no order, and may still look", async () => {
  const heard: string[] = [];
  const { promise, reject } = Promise.withResolvers<void>();
  const cutOff = guardedBalancer(recording(heard), () => promise);
  const { signal } = new AbortController();
  const orders = [
    cutOff.drain(at, "web-1", signal),
    cutOff.distrust(at, "web-1", signal),
    cutOff.admit(at, "web-1", signal),
    cutOff.undrain(at, "web-1", signal),
  ];
  await Promise.all([cutOff.look(at, signal), cutOff.counters(at, signal), cutOff.timers(at, signal)]);
  reject(new Error("the server stops"));
  for (const order of orders) await assert.rejects(order, /the server stops/);
  assert.deepEqual(heard.sort(), ["counters", "look", "timers"]);
});

test("the server that holds its database gives every order", async () => {
  const heard: string[] = [];
  const alone = guardedBalancer(recording(heard), async () => {});
  const { signal } = new AbortController();
  await alone.drain(at, "web-1", signal);
  await alone.distrust(at, "web-1", signal);
  await alone.admit(at, "web-1", signal);
  await alone.undrain(at, "web-1", signal);
  assert.deepEqual(heard, ["drain", "distrust", "admit", "undrain"]);
});
