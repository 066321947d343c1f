import assert from "node:assert/strict";
import { test } from "node:test";
import { firstWords, lastWords } from "./whole-words.ts";

test("a text that is short enough stays as it is", () => {
  assert.equal(firstWords("one two", 7), "one two");
  assert.equal(lastWords("one two", 7), "one two");
});

test("a secret in the middle of which a text is cut is not shown by half", () => {
  const text = 'connect to "postgres://u:hunter22@db/x" failed';
  for (let limit = 1; limit < text.length; limit++) {
    assert.doesNotMatch(firstWords(text, limit), /postgres(?!:\/\/u:hunter22@db\/x)/, `first ${limit}`);
    assert.doesNotMatch(lastWords(text, limit), /(?<!postgres:\/\/u:hunter22@)db\/x/, `last ${limit}`);
    assert.ok(firstWords(text, limit).length <= limit && lastWords(text, limit).length <= limit);
  }
});

test("a text of one word has no first words that could be shown", () => {
  assert.equal(firstWords("x".repeat(50), 20), "");
  assert.equal(lastWords("x".repeat(50), 20), "");
});
