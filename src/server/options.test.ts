import assert from "node:assert/strict";
import { test } from "node:test";
import { serverOptions } from "./options.ts";

const asked = (...argv: string[]) => serverOptions(argv, {});

test("without options it listens on loopback, and links name where it listens", () => {
  const { host, port, publicUrl, isConfigCheck } = asked();
  assert.deepEqual([host, port, publicUrl, isConfigCheck], ["127.0.0.1", 7420, undefined, false]);
});

test("the page's address for people is an origin: it loses the slash at its end", () => {
  const publicUrl = (text: string) => asked("--public-url", text).publicUrl;
  assert.equal(publicUrl("https://slipway.example.com"), "https://slipway.example.com");
  assert.equal(publicUrl("https://SLIPWAY.example.com/"), "https://slipway.example.com");
  assert.equal(publicUrl("http://ops.example.com:8080/"), "http://ops.example.com:8080");
});

test("what is no such address is refused with what was expected, and a password is not said again", () => {
  for (const wrong of [
    "",
    "slipway.example.com",
    "ftp://x",
    "javascript:alert(1)",
    "https://x/?a=1",
    "https://x/#/",
    "https://x/path/",
  ]) {
    const expected = { code: "input.invalid", message: /--public-url expects .*https:\/\/slipway\.example\.com/ };
    assert.throws(() => asked("--public-url", wrong), expected, wrong);
  }
  assert.throws(
    () => asked("--public-url", "https://me:hidden@x"),
    (error) => !String(error).includes("hidden"),
  );
});

test("a port that is none is refused", () => {
  for (const wrong of ["65536", "-1", "http", "1.5"]) {
    assert.throws(() => asked(`--port=${wrong}`), { message: /--port expects a number from 0 to 65535/ }, wrong);
  }
});
