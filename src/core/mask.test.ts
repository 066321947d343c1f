import assert from "node:assert/strict";
import { test } from "node:test";
import { makeMask, maskStream } from "./mask.ts";
import { Secret } from "./secret.ts";

const mask = makeMask([new Secret("s3cret pa$$/word?"), new Secret("abc")]);

test("a secret is masked in every form in which it usually leaks", () => {
  const value = "s3cret pa$$/word?";
  const forms = {
    plain: value,
    "in a URL": encodeURIComponent(value),
    "in a form": encodeURIComponent(value).replaceAll("%20", "+"),
    base64: Buffer.from(value).toString("base64"),
    base64url: Buffer.from(value).toString("base64url"),
  };
  for (const [form, text] of Object.entries(forms))
    assert.equal(mask(`before ${text} after`), "before [secret] after", form);
  for (const user of ["a", "ab", "abc"]) {
    const basic = Buffer.from(`${user}:${value}@`).toString("base64");
    assert.match(mask(`Authorization: Basic ${basic}`), /^Authorization: Basic .{1,6}\[secret\].{1,4}$/);
  }
});

test("each longer line of a secret, and its JSON form", () => {
  const key = "-----BEGIN KEY-----\nAAAAline1\nBB\nCCCCline2\n-----END KEY-----";
  const masked = makeMask([new Secret(key)]);
  assert.equal(masked(key), "[secret]");
  assert.equal(masked("at CCCCline2, BB"), "at [secret], BB");
  assert.equal(masked(JSON.stringify({ key })), '{"key":"[secret]"}');
});

test("short secrets are not masked, overlapping and touching ones are one", () => {
  assert.equal(mask("abc"), "abc");
  const two = makeMask([new Secret("abcdef"), new Secret("defghi")]);
  assert.equal(two("xabcdefghiy abcdefdefghi"), "x[secret]y [secret]");
  assert.equal(makeMask([new Secret("aaaa")])("aaaaaaab"), "[secret]b");
});

test("a stream shows at once what cannot be the start of a secret", () => {
  const stream = maskStream([new Secret("hunter22")]);
  assert.equal(stream.write("login as ben hun"), "login as ben ");
  assert.equal(stream.write("ter22, done\n"), "[secret], done\n");
  assert.equal(stream.write("hunter2"), "");
  assert.equal(stream.flush(), "hunter2");
});
