import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import * as replies from "./replies.ts";

const recorded = (name: string) => ({
  status: 200,
  text: readFileSync(join(import.meta.dirname, "recorded", name), "utf8"),
});
const place = { service: "hello", environment: "personal/ben", host: "web-1" };
const digest = "sha256:8ea6013cc8a8e13589d0327c0d5150ba0406cec7bcd8409ed51ef2586fc35369";

test("the engine's versions are read", () => {
  const version = { version: "20.10.24+dfsg1", apiVersion: "1.41", minApiVersion: "1.12" };
  assert.deepEqual(replies.version(recorded("version.json")), version);
});

test("ours are told from others by their labels alone", () => {
  const all = replies.containers(recorded("containers.json"));
  assert.deepEqual(
    all.map((entry) => [entry.name, replies.isOf(entry, place)]),
    [
      ["theirs", false],
      ["hello.personal-ben.web-1.2", true],
      ["hello.personal-ben.web-1.1", true],
    ],
  );
  assert.ok(!all.some((entry) => replies.isOf(entry, { ...place, host: "web-2" })));
});

test("a port is taken by what publishes it on the same address or on all of them, and is not ours", () => {
  const all = replies.containers(recorded("containers.json"));
  const holder = (port: number, address: string, of = place) =>
    replies.portHolder(all, { place: of, ports: [8, port], address });
  assert.deepEqual(holder(18080, "127.0.0.11"), { port: 18080, by: "container theirs" });
  assert.equal(holder(18081, "127.0.0.11"), undefined);
  assert.equal(holder(40723, "0.0.0.0"), undefined);
  const other = { ...place, service: "other" };
  assert.equal(holder(40723, "0.0.0.0", other)?.by, "container hello.personal-ben.web-1.1");
  assert.equal(holder(40723, "127.0.0.1", other)?.by, "container hello.personal-ben.web-1.1");
  assert.equal(holder(40723, "127.0.0.2", other), undefined);
});

test("a container that the engine keeps restarting is not one that runs", () => {
  const found = replies.inspected(recorded("inspect-restarting.json"));
  assert.equal(found.sight?.state, "restarting");
  assert.deepEqual([found.sight?.exitCode, found.sight?.restarts, found.sight?.rollout], [7, 2, 2]);
  assert.ok(found.isOn("web-1") && !found.isOn("web-2"));
});

test("an image's references in one repository are its tags and digests there", () => {
  const [image] = replies.images(recorded("images.json"));
  assert.ok(image);
  const { digests, references } = replies.referencesOf(image, "registry.example.com:5000/acme/hello");
  assert.deepEqual(digests, [digest]);
  assert.ok(references.includes(`registry.example.com:5000/acme/hello@${digest}`) && references.length > 1);
  assert.deepEqual(replies.referencesOf(image, "registry.example.com:5000/acme/hell"), { digests: [], references: [] });
});

test("an engine says null where it has no labels, ports or digests", () => {
  const text = JSON.stringify([{ Id: "1", Names: null, ImageID: "i", State: "exited", Labels: null, Ports: null }]);
  assert.deepEqual(replies.containers({ status: 200, text })[0]?.published, []);
});

test("something else that listens on the socket is named as such", () => {
  const say = () => replies.version({ status: 200, text: "<html>hello</html>" });
  assert.throws(say, (error) => error instanceof SlipwayError && error.code === "engine.unreachable");
});

test("any answer tells the engine's version and clock; one that lost its headers on the way tells neither", () => {
  const headers = {
    server: "Docker/20.10.24+dfsg1 (linux)",
    "api-version": "1.41",
    date: "Mon, 23 Nov 2026 20:04:05 GMT",
  };
  const told = { version: "20.10.24+dfsg1", apiVersion: "1.41", systemTime: "2026-11-23T20:04:05.000Z" };
  assert.deepEqual(replies.engineOf({ status: 200, text: "[]", headers }), told);
  for (const name of ["server", "api-version", "date"])
    assert.equal(replies.engineOf({ status: 200, text: "[]", headers: { ...headers, [name]: undefined } }), undefined);
  assert.equal(replies.engineOf({ status: 200, text: "[]" }), undefined);
});
