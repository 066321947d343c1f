import assert from "node:assert/strict";
import { test } from "node:test";
import { choiceWords, isOpen, named, pauseReason } from "./rollout-words.ts";
import { rolloutStateShape, steerActionShape } from "./shapes.ts";

test("a rollout is open while something will still happen to it", () => {
  assert.deepEqual(rolloutStateShape.options.filter(isOpen), ["waiting", "running", "paused"]);
});

test("every choice says what it does in the pause at hand", () => {
  const words = (why: "failure" | "not-measured" | "asked", hosts: string[]) =>
    steerActionShape.options.map((action) => choiceWords(action, { why, hosts }));
  const failed = words("failure", ["web-1", "web-2"]);
  assert.equal(failed[0], "try web-1 and web-2 again");
  assert.equal(failed[1], "put web-1 and web-2 back to what ran there, and go on without them");
  assert.equal(words("failure", [])[0], "try again what failed, and go on if it is well now");
  assert.equal(words("not-measured", ["web-1"])[0], "watch the canary once more, and judge again");
  assert.equal(words("failure", [])[2], "go on all the same");
  assert.equal(words("asked", [])[2], "go on where it is");
});

test("why it is paused, with no more hosts than one reads", () => {
  assert.equal(pauseReason({ why: "failure", hosts: ["a", "b", "c", "d"] }), "a, b and 2 more failed");
  assert.equal(pauseReason({ why: "failure", hosts: [] }), "it cannot go on by itself");
  assert.equal(named([]), "no host");
});
