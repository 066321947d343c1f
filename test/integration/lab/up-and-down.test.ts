import assert from "node:assert/strict";
import { test } from "node:test";
import { labDown, labUp } from "../../lab/lab.ts";
import { leftovers, namespacesOf } from "../../lab/leftovers.ts";
import { newPrefix } from "./lab-of.ts";

const upLimitMs = 20_000;

test("a lab with four hosts is up within 20 seconds, and its end leaves nothing", async () => {
  const start = performance.now();
  const lab = await labUp({ hosts: 4 });
  let namespaces: string[] = [];
  try {
    const tookMs = performance.now() - start;
    assert.ok(tookMs < upLimitMs, `up after ${Math.round(tookMs)} ms`);
    assert.equal(lab.hosts.length, 4);
    namespaces = namespacesOf(lab.prefix);
    assert.ok(namespaces.length > 40, "eleven nodes with namespaces of their own");
    assert.notDeepEqual(leftovers(lab.prefix, namespaces), [], "the search finds a lab that is up");
  } finally {
    await lab.down();
  }
  assert.deepEqual(leftovers(lab.prefix, namespaces), []);
});

test("two labs stand side by side, and the end of one leaves the other alone", async () => {
  await using one = await labUp({ hosts: 1 });
  await using other = await labUp({ hosts: 1 });
  await one.down();
  const ping = await other.office.exec(["curl", "-s", "--unix-socket", "/run/docker.sock", "http://engine/_ping"]);
  assert.equal(ping.stdout, "OK");
});

test("a lab that is up is not taken over by a second one of its name", async () => {
  await using lab = await labUp({ hosts: 1 });
  await assert.rejects(labUp({ hosts: 1, prefix: lab.prefix }), /already up; process \d+ holds it/);
  assert.equal((await lab.client.exec(["hostname"])).stdout, "client\n");
});

test("a bring-up that is called off leaves nothing", async () => {
  const prefix = newPrefix("off");
  const stop = new AbortController();
  const up = labUp({ hosts: 2, prefix, signal: stop.signal });
  setTimeout(() => stop.abort(), 250);
  await assert.rejects(up, { name: "AbortError" });
  assert.deepEqual(leftovers(prefix), []);
});

test("taking down what is not there is no error", async () => {
  await labDown(newPrefix("none"));
});
