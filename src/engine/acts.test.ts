import assert from "node:assert/strict";
import { test } from "node:test";
import { ActsUnderWay, deadlineGraceMs, type Timers } from "./acts.ts";

/** Timers that run at once when they are told to, in the order of their time. */
function handTimers() {
  const waiting = new Map<() => void, number>();
  const timers: Timers = {
    after(ms, then) {
      waiting.set(then, ms);
      return () => waiting.delete(then);
    },
  };
  const passUntil = (ms: number) => {
    for (const [then, at] of waiting) {
      if (at > ms) continue;
      waiting.delete(then);
      then();
    }
  };
  return { timers, passUntil, waiting };
}

test("an act that does not heed its signal holds up a rollout no longer than its deadline and a grace", async () => {
  const { timers, passUntil, waiting } = handTimers();
  const acts = new ActsUnderWay(timers);
  const performed = acts.perform("stop web-1", 1_000, () => new Promise<string>(() => {}));
  passUntil(1_000 + deadlineGraceMs);
  const outcome = await performed;
  assert.ok(!outcome.ok && outcome.error.code === "deadline.exceeded");
  assert.match(outcome.error.message, /stop web-1/);
  assert.equal(waiting.size, 0);
});

test("an act that ends within the grace tells its own outcome", async () => {
  const { timers, passUntil, waiting } = handTimers();
  const { promise, resolve } = Promise.withResolvers<string>();
  const performed = new ActsUnderWay(timers).perform("pull", 1_000, () => promise);
  passUntil(1_000);
  resolve("pulled");
  assert.deepEqual(await performed, { ok: true, value: "pulled" });
  assert.equal(waiting.size, 0);
});
