import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cliPage } from "./cli-page.ts";
import { commandTable } from "./command-table.ts";

test("the reference page is what the commands say of themselves: run scripts/write-cli-page.ts", () => {
  const page = readFileSync(new URL("../../docs/reference/cli.md", import.meta.url), "utf8");
  assert.equal(page, cliPage());
});

test("every command has an example, and every example is of its own command", () => {
  for (const { usage, examples } of commandTable) {
    const name = usage.split(" ")[0];
    assert.ok(examples.length > 0, usage);
    for (const example of examples) assert.ok(`${example} `.startsWith(`slipway ${name} `), example);
  }
});
