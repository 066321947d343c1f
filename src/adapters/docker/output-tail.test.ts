import assert from "node:assert/strict";
import { test } from "node:test";
import { OutputTail } from "./output-tail.ts";

test("a Dockerfile that never stops talking fills no log: 10 MiB are passed on, and the end is known", () => {
  let passedOn = "";
  const tail = new OutputTail((text) => {
    passedOn += text;
  });
  const line = `${"y".repeat(1023)}\n`;
  for (let n = 0; n < 11 * 1024; n++) tail.write(line);
  tail.write("the last words\n");
  assert.ok(passedOn.length <= 10 * 1024 * 1024 + 100, String(passedOn.length));
  assert.match(passedOn, /\[more than 10 MiB of output; the rest is not kept\]\n$/);
  assert.match(tail.text, /the last words\n$/);
});
