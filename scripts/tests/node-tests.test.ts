import assert from "node:assert/strict";
import { test } from "node:test";
import { failuresIn, sumOf } from "./node-tests.ts";
import { askedFor } from "./test-files.ts";

test("of a long run only what failed is shown", () => {
  assert.equal(failuresIn("✔ good\n✖ failing tests:\n\ntest at a.ts:1:1\n"), "✖ failing tests:\n\ntest at a.ts:1:1\n");
});

test("a run that ended before its tests did is shown whole", () => {
  assert.equal(failuresIn("SyntaxError: no\n"), "SyntaxError: no\n");
});

test("runs are added up, also where one came to no end", () => {
  const one = { tests: 3, passed: 1, failed: 1, cancelled: 0, skipped: 1, skippedNames: ["a"] };
  const sum = sumOf([one, undefined, { ...one, skippedNames: ["b"] }]);
  assert.deepEqual(sum, { tests: 6, passed: 2, failed: 2, cancelled: 0, skipped: 2, skippedNames: ["a", "b"] });
});

test("words choose files, what starts with a dash is for Node's runner", () => {
  assert.deepEqual(askedFor(["haproxy", "--test-name-pattern=drain"]), {
    words: ["haproxy"],
    options: ["--test-name-pattern=drain"],
  });
});
