import assert from "node:assert/strict";
import { test } from "node:test";
import { matchBranch } from "./branch-pattern.ts";

const yes = (pattern: string, branch: string, user?: string) =>
  assert.deepEqual(matchBranch(pattern, branch), user === undefined ? {} : { user }, `${pattern} on ${branch}`);
const no = (pattern: string, branch: string) =>
  assert.equal(matchBranch(pattern, branch), undefined, `${pattern} on ${branch}`);

test("a plain name matches itself only", () => {
  yes("main", "main");
  no("main", "main2");
  no("main", "Main");
  no("main", "main/x");
  no("main", "");
});

test("* stays within one segment", () => {
  yes("release-*", "release-1.2");
  yes("*-*", "a-b-c");
  yes("*", "");
  no("release-*", "release-1/2");
  no("*", "a/b");
});

test("** stands for one or more whole segments", () => {
  yes("**", "a");
  yes("**", "a/b/c");
  yes("remote-run/**", "remote-run/ben/a/b");
  yes("a/**/z", "a/b/z/y/z");
  yes("**/x/**", "x/x/x");
  no("remote-run/**", "remote-run");
  no("**/x", "x");
  no("a/**/z", "a/z");
  no("a/**/b/c", "a/x/b/d");
});

test("{user} names a developer", () => {
  yes("remote-run/{user}/*", "remote-run/ben/fix", "ben");
  yes("**/{user}/x", "a/b/c/x", "c");
  yes("{user}", "Ben.W_a-1", "Ben.W_a-1");
  no("remote-run/{user}/*", "remote-run/ben");
  no("remote-run/{user}/*", "remote-run/b$(x)/fix");
  no("{user}", "a".repeat(64));
});

test("hostile patterns cost milliseconds", () => {
  const branch = `${"a/".repeat(2_000)}b`;
  const start = performance.now();
  no(`${"**/".repeat(80)}c`, branch);
  no(`${"**/a/".repeat(50)}c`, branch);
  no(`${"*a".repeat(125)}b`, "a".repeat(4_000));
  assert.ok(performance.now() - start < 1_000);
});
