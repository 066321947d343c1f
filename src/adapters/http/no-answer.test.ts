import assert from "node:assert/strict";
import { test } from "node:test";
import { isWayGone, noAnswerWords } from "./no-answer.ts";

const failing = (code: string, message = `connect ${code}`) => Object.assign(new Error(message), { code });

test("each silence has its own words", () => {
  assert.equal(noAnswerWords(failing("ECONNREFUSED")), "refused: nothing listens on that port");
  assert.equal(noAnswerWords(failing("ECONNRESET", "socket hang up")), "closed without an answer");
  assert.equal(noAnswerWords(failing("ECONNRESET", "aborted")), "the answer broke off");
  assert.equal(noAnswerWords(new Error("Parse Error: Expected HTTP/")), "Parse Error: Expected HTTP/");
  assert.equal(noAnswerWords("odd"), "odd");
});

test("only a missing or refusing endpoint is a broken way", () => {
  assert.equal(isWayGone(failing("ENOENT")), true);
  assert.equal(isWayGone(failing("ECONNREFUSED")), true);
  assert.equal(isWayGone(failing("ECONNRESET")), false);
  assert.equal(isWayGone(undefined), false);
});
