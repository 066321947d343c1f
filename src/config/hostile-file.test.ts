import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refusalLines } from "#test/refusal-lines.ts";
import { parseServiceFile } from "./service-file.ts";

const least = `service: hello
build:
  image: { repository: registry.example.com/acme/hello }
run: { port: 8080 }
`;
const withRun = (more: string) => least.replace("8080", `8080, ${more}`);
const refusal = (text: string): string[] => refusalLines(() => parseServiceFile(text, "slipway.yaml"));

test("at most ten problems are listed, and how many more there are", () => {
  const lines = refusal(withRun(Array.from({ length: 14 }, (_, n) => `k${n}: 1`).join(", ")));
  assert.equal(lines.length, 11);
  assert.equal(lines.at(-1), "... and 4 more");
});

describe("is not brought down by", () => {
  const layers = Array.from({ length: 9 }, (_, n) => `a${n}: &a${n} [${n === 0 ? "x" : Array(9).fill(`*a${n - 1}`)}]`);
  const hostile: readonly [what: string, text: string, expected: RegExp][] = [
    ["aliases that unfold to millions", layers.join("\n"), /expected few aliases/],
    ["an alias of itself", "a: &a { b: *a }\n", /unknown key "a"/],
    ["lists in lists", `a: ${"[".repeat(200)}${"]".repeat(200)}`, /at most 64 levels/],
    ["lists in lists in lists", `a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, /at most 64 levels/],
    ["megabytes", `# ${"é".repeat(600_000)}\n${least}`, /at most 1 MiB/],
    ["a value of megabytes", least.replace("hello\n", `${"a".repeat(1_000_000)}\n`), /expected a name/],
    ["a repository that never ends", least.replace("acme", `${"a-".repeat(400_000)}!/`), /expected a repository/],
    [
      "a glob that names millions of files",
      least.replace("build:\n", 'build:\n  steps: [{ name: t, run: x, reports: { junit: "r/{1..99999999}.xml" } }]\n'),
      /expected a glob .* without/,
    ],
    ["a key that never ends", `${least}${"k".repeat(1_000)}: 1\n`, /unknown key/],
  ];
  for (const [what, text, expected] of hostile)
    test(what, () => {
      const start = performance.now();
      const message = refusal(text).join("\n");
      assert.match(message, expected);
      assert.ok(message.length < 2_000, message);
      assert.ok(performance.now() - start < 3_000, "quick");
    });
});
