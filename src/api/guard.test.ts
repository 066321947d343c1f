import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "#core/secret.ts";
import { type Access, hostName, isLoopback, makeGuard } from "./guard.ts";

const token = new Secret("right-token");
const local = makeGuard({ host: "127.0.0.1", token });
const wide = makeGuard({ host: "0.0.0.0", token });
const visitor = { host: "127.0.0.1:7420", origin: undefined, authorization: undefined };
const bearer = (value: string) => `Bearer ${value}`;

test("on loopback reads are open and changes need the token", () => {
  local("read", visitor);
  assert.throws(() => local("change", visitor), { code: "auth.required" });
  assert.throws(() => local("change", { ...visitor, authorization: bearer("wrong") }), { code: "auth.required" });
  assert.throws(() => local("change", { ...visitor, authorization: "right-token" }), { code: "auth.required" });
  local("change", { ...visitor, authorization: bearer("right-token") });
});

test("beyond loopback reads need the token as well", () => {
  const far = { ...visitor, host: "deploy.example.com" };
  wide("open", far);
  assert.throws(() => wide("read", far), { code: "auth.required" });
  wide("read", { ...far, authorization: bearer("right-token") });
});

test("a name that was rebound to loopback is refused, for the page's files too", () => {
  for (const access of ["open", "read", "change"] satisfies Access[]) {
    for (const host of ["evil.example.com", "127.0.0.1.evil.example.com", "127.evil.example.com:7420", undefined]) {
      const asked = { host, origin: undefined, authorization: bearer("right-token") };
      assert.throws(() => local(access, asked), { code: "auth.origin" });
    }
  }
});

test("a page of another origin is refused, even with the token", () => {
  for (const origin of ["https://evil.example.com", "null", "http://127.0.0.1:9999"]) {
    const asked = { ...visitor, origin, authorization: bearer("right-token") };
    assert.throws(() => local("change", asked), { code: "auth.origin" });
    assert.throws(() => local("read", asked), { code: "auth.origin" });
  }
  local("change", { ...visitor, origin: "http://127.0.0.1:7420", authorization: bearer("right-token") });
});

test("what counts as loopback", () => {
  for (const name of ["localhost", "127.0.0.1", "127.8.9.1", "::1"]) assert.ok(isLoopback(name), name);
  for (const name of ["", "0.0.0.0", "::", "10.0.0.1", "localhost.example.com"]) assert.ok(!isLoopback(name), name);
  assert.equal(hostName("[::1]:7420"), "::1");
  assert.equal(hostName("LOCALHOST:7420"), "localhost");
});
