import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { setHealthDown, setState, showCounters, showServers, showTimers, socketPlace } from "./commands.ts";

test("the lines that are sent", () => {
  assert.equal(showServers("hello"), "show stat hello 4 -1;show servers state hello;show info");
  assert.equal(showCounters("hello"), "show stat hello 2 -1;show stat hello 2 -1;show stat hello 2 -1;show info");
  assert.equal(showTimers("hello"), "show stat hello 6 -1;show info");
  assert.equal(setState("hello", "web-1", "drain"), "set server hello/web-1 state drain");
  assert.equal(setHealthDown("hello", "web-1"), "set server hello/web-1 health down");
});

test("a name that would be a second command is refused", () => {
  for (const name of ["a;shutdown", "a b", "a\nb", "a/b", "", "a\\b"]) {
    const isUnknown = (error: unknown) => error instanceof SlipwayError && error.code === "balancer.unknown-server";
    assert.throws(() => setState("hello", name, "ready"), isUnknown);
    assert.throws(() => showServers(name), isUnknown);
  }
});

test("where a runtime socket can be", () => {
  const place = (socket: string) => socketPlace({ kind: "haproxy", name: "haproxy hello", socket, backend: "hello" });
  assert.deepEqual(place("unix:///run/haproxy/admin.sock"), { local: "/run/haproxy/admin.sock" });
  assert.deepEqual(place("tcp://10.0.1.5:9999"), { remote: { address: "10.0.1.5", port: 9999 } });
  assert.deepEqual(place("tcp://[fd00::5]:9999"), { remote: { address: "fd00::5", port: 9999 } });
  assert.deepEqual(place("ssh://deploy@10.0.1.5/run/haproxy/admin.sock"), {
    remote: { user: "deploy", address: "10.0.1.5", unix: "/run/haproxy/admin.sock" },
  });
  for (const wrong of ["/run/x.sock", "tcp://10.0.1.5", "ssh://10.0.1.5/run/x.sock", "http://10.0.1.5:80", ""]) {
    assert.throws(() => place(wrong), /expected unix:\/\/\/path/, wrong);
  }
});
