import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { faultPage } from "./fault-page.ts";

test("the page of faults is what the faults say; scripts/write-fault-page.ts writes it", () => {
  assert.equal(readFileSync(new URL("../docs/reference/faults.md", import.meta.url), "utf8"), faultPage());
});
