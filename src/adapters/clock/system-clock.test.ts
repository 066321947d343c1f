import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "./system-clock.ts";

test("a sleep lasts as long as it was asked to", async () => {
  const clock = systemClock();
  const before = clock.now();
  await clock.sleep(30, new AbortController().signal);
  assert.ok(clock.now() - before >= 29);
});

test("an abort ends the sleep at once, with the signal's reason", async () => {
  const reason = new Error("the rollout was cancelled");
  const stop = new AbortController();
  const slept = systemClock().sleep(60_000, stop.signal);
  stop.abort(reason);
  await assert.rejects(slept, (error) => error === reason);
  await assert.rejects(systemClock().sleep(60_000, stop.signal), (error) => error === reason);
});
