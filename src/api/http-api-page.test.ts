import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { routes } from "#contract/routes.ts";

test("the reference page lists every route with its summary", () => {
  const page = readFileSync(new URL("../../docs/reference/http-api.md", import.meta.url), "utf8");
  const lines = Object.values(routes).map(({ method, path, summary }) => `| ${method} | \`${path}\` | ${summary} |`);
  assert.deepEqual(
    page.split("\n").filter((line) => /^\| (GET|POST) \| `\/api\/(?!events)/.test(line)),
    lines,
  );
});
