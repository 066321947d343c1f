import assert from "node:assert/strict";
import { test } from "node:test";
import { makePaint } from "./paint.ts";
import { cut, tableLines } from "./table.ts";

test("columns line up whether painted or not", () => {
  const rows = [
    ["host", "state"],
    ["web-1", { text: "UP", colour: "green" as const }, "x"],
  ];
  assert.deepEqual(tableLines(rows, makePaint(false)), ["host   state", "web-1  UP     x"]);
  assert.deepEqual(tableLines(rows, makePaint(true))[1], "web-1  \u001b[32mUP\u001b[0m     x");
});

test("a long text is cut by characters, not in the middle of one", () => {
  assert.equal(cut("abc", 3), "abc");
  assert.equal(cut("🚢🚢🚢🚢", 3), "🚢🚢…");
});
