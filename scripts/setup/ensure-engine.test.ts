import assert from "node:assert/strict";
import { test } from "node:test";
import { bridgeOf, takenNetworks } from "./bridge.ts";
import { ensureEngine, knownSockets } from "./ensure-engine.ts";

test("DOCKER_HOST alone decides where it is set", () => {
  assert.deepEqual(knownSockets({ DOCKER_HOST: "unix:///run/mine.sock" }), ["/run/mine.sock"]);
});

test("without DOCKER_HOST the usual places are tried, the person's own ones after the system's", () => {
  assert.deepEqual(knownSockets({ XDG_RUNTIME_DIR: "/run/user/7" }, "/home/ann"), [
    "/var/run/docker.sock",
    "/run/user/7/docker.sock",
    "/home/ann/.docker/run/docker.sock",
    "/home/ann/.colima/default/docker.sock",
  ]);
});

test("an engine that is not reached by a socket is refused by name", () => {
  assert.throws(() => knownSockets({ DOCKER_HOST: "tcp://10.0.0.1:2375" }), /tcp:\/\/10\.0\.0\.1:2375; only unix:/);
});

test("an engine that DOCKER_HOST names and that does not answer is not replaced by another one", async () => {
  await assert.rejects(ensureEngine({ DOCKER_HOST: "unix:///nowhere/docker.sock" }), /No engine answers on \/nowhere/);
});

test("a bridge's name fits the kernel's 15 characters", () => {
  assert.equal(bridgeOf("/var/tmp/slipway-engine-aB3xYz"), "slw-ab3xyz");
});

test("networks in use are read from what `ip` prints", () => {
  const listing = [
    "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever",
    "9: slw-abcdef    inet 10.213.1.1/24 scope global slw-abcdef\\       valid_lft forever preferred_lft forever",
    "12: eth0    inet 10.213.77.5/16 brd 10.213.255.255 scope global eth0",
  ].join("\n");
  assert.deepEqual(takenNetworks(listing), new Set([1, 77]));
});
