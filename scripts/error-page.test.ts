import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { errorCodes } from "#core/errors.ts";
import { errorPage } from "./error-page.ts";

test("the reference page is what the registry of errors says: run scripts/write-error-page.ts", () => {
  const page = readFileSync(new URL("../docs/reference/errors.md", import.meta.url), "utf8");
  assert.equal(page, errorPage());
});

test("every error is on the page once, is a sentence, and says what to do", () => {
  for (const [code, { sentence, advice }] of Object.entries(errorCodes)) {
    assert.equal(errorPage().split(`| \`${code}\` |`).length, 2, code);
    assert.match(sentence, /^[A-Z].*\.$/, code);
    assert.match(advice, /^[A-Z].*[.`]$/, code);
  }
});
