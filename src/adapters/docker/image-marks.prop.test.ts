import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { ignoredBy } from "./dockerignore.ts";
import { branchTagOf, withoutCredentials } from "./image-marks.ts";

test("any branch gives a legal tag that is never a commit's", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."abc/.-_$0") })),
      (branch) => {
        assert.match(branchTagOf(branch), /^[\w][\w.-]{0,127}$/);
        assert.doesNotMatch(branchTagOf(branch), /^[0-9a-f]{12}$/);
      },
    ),
  );
  assert.equal(branchTagOf("deadbeef1234"), "branch-deadbeef1234");
  assert.equal(branchTagOf("remote-run/ben/x"), "remote-run-ben-x");
  assert.equal(branchTagOf("///"), "---".replace(/^-+/, "branch-"));
});

test("no password of a source's address comes into a label", () => {
  const secret = fc.string({ unit: fc.constantFrom(..."abcXYZ019:@%~!$&*"), minLength: 4 });
  fc.assert(
    fc.property(secret, (password) => {
      const address = `https://ben:${password}@git.example.com/acme/hello.git`;
      assert.equal(withoutCredentials(address), "https://git.example.com/acme/hello.git");
    }),
  );
  for (const plain of ["git@git.example.com:acme/hello.git", "/srv/hello.git", "hello"])
    assert.equal(withoutCredentials(plain), plain);
});

test("any .dockerignore can be read, and a path is in or out", () => {
  const line = fc.string({ unit: fc.constantFrom(..."ab/*?![]^-\\. \n#{}()+|$") });
  fc.assert(fc.property(line, fc.string(), (text, path) => assert.equal(typeof ignoredBy(text)(path), "boolean")));
});
