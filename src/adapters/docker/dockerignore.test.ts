import assert from "node:assert/strict";
import { test } from "node:test";
import { ignoredBy } from "./dockerignore.ts";

const cases: readonly (readonly [rules: string, out: readonly string[], kept: readonly string[]])[] = [
  ["node_modules", ["node_modules", "node_modules/a/b"], ["src/node_modules", "node_modules2"]],
  ["**/node_modules", ["node_modules/a", "src/deep/node_modules/b"], ["src"]],
  ["/dist/\n./out", ["dist", "dist/a", "out/b"], ["src/dist"]],
  ["*\n!*.js\n!package.json", ["a.txt", "sub/a.js"], ["a.js", "package.json"]],
  ["docs/*.md", ["docs/a.md"], ["docs/sub/a.md", "a.md"]],
  ["docs/**/*.md", ["docs/a.md", "docs/x/y/a.md"], ["docs/a.txt"]],
  ["secret?.txt\n[a-c].log", ["secret1.txt", "b.log"], ["secret10.txt", "d.log"]],
  ["# comment\n\n  spaced  \n!spaced/keep", ["spaced", "spaced/a"], ["spaced/keep", "# comment"]],
  ["a/../b", ["b"], ["a"]],
  ["a.b", ["a.b"], ["axb"]],
  ["[z-a]x\n\\*", ["*"], ["ax"]],
  ["[a-[]", [], ["a", "["]],
  ["[xa-c-]1", ["b1", "x1", "-1"], ["d1"]],
  ["[^\\-a]2", ["b2"], ["a2", "-2"]],
  // By going back and forth this would not end in this century.
  [`${"*a".repeat(20)}b\n${"**/a/".repeat(20)}b`, [`${"a".repeat(200)}b`], ["a".repeat(200), "a/".repeat(200)]],
];

for (const [rules, out, kept] of cases)
  test(`.dockerignore ${JSON.stringify(rules)}`, () => {
    const isOut = ignoredBy(rules);
    assert.deepEqual(out.filter(isOut), out);
    assert.deepEqual(kept.filter(isOut), []);
  });
