import assert from "node:assert/strict";
import { test } from "node:test";
import { printableLine, printableLog, printableText } from "./printable.ts";

test("a commit subject cannot paint, move the cursor, set the title or go on in the next line", () => {
  assert.equal(printableLine("fix\u001b[31m it\u001b[2A\u001b]0;pwned\u0007\r\nrm -rf"), "fix it rm -rf");
  assert.equal(printableLine("\u009b31mred\u009d0;t\u009cx"), "redx");
});

test("a log keeps colours on a terminal and nothing else", () => {
  const log = "\u001b[1;31mFAIL\u001b[0m\u001b[2K\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\\r\n10%\r20%\n";
  assert.equal(printableLog(log, true), "\u001b[1;31mFAIL\u001b[0mlink\n10%\n20%\n");
  assert.equal(printableText(log), "FAILlink\n10%\n20%\n");
});

test("an unfinished title does not swallow the next line", () => {
  assert.equal(printableText("a\u001b]0;title\nb"), "a\nb");
});
