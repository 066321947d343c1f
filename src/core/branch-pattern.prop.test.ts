import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { matchBranch } from "./branch-pattern.ts";

const text = (choices: string[], max: number) =>
  fc.array(fc.constantFrom(...choices), { minLength: 1, maxLength: max }).map((parts) => parts.join(""));
const segment = text(["a", "b", "-", "$"], 3);
const patternSegment = fc.oneof(text(["a", "b", "-", "*"], 3), fc.constantFrom("**", "{user}"));
const path = (part: fc.Arbitrary<string>, max: number) =>
  fc.array(part, { minLength: 1, maxLength: max }).map((parts) => parts.join("/"));

/** The same meaning, written as the definition says it and as slow as it may be. */
function slow(parts: readonly string[], segments: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return segments.length === 0;
  if (part === "**") return segments.some((_, index) => slow(rest, segments.slice(index + 1)));
  const [first, ...others] = segments;
  if (first === undefined) return false;
  const isMatch = part === "{user}" ? /^[A-Za-z0-9._-]+$/.test(first) : slowText(part, first);
  return isMatch && slow(rest, others);
}

function slowText(pattern: string, value: string): boolean {
  if (pattern === "") return value === "";
  if (pattern.startsWith("*"))
    return Array.from({ length: value.length + 1 }).some((_, n) => slowText(pattern.slice(1), value.slice(n)));
  return pattern[0] === value[0] && slowText(pattern.slice(1), value.slice(1));
}

test("says what the slow definition says", () => {
  fc.assert(
    fc.property(path(patternSegment, 5), path(segment, 6), (pattern, branch) => {
      assert.equal(matchBranch(pattern, branch) !== undefined, slow(pattern.split("/"), branch.split("/")));
    }),
    { numRuns: 2_000 },
  );
});

test("a user that is found is a segment of the branch made of harmless characters", () => {
  fc.assert(
    fc.property(path(patternSegment, 5), path(fc.oneof(segment, fc.string()), 6), (pattern, branch) => {
      const user = matchBranch(pattern, branch)?.user;
      if (user === undefined) return;
      assert.match(user, /^[A-Za-z0-9._-]{1,63}$/);
      assert.ok(branch.split("/").includes(user));
    }),
  );
});
