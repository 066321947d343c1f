import assert from "node:assert/strict";
import { test } from "node:test";
import { leftOf, type Sights } from "./left.ts";
import type { HostSight } from "./sights.ts";

const host: HostSight = {
  connections: { 22: 1 },
  processes: { dockerd: 1, node: 1 },
  containers: ["running"],
  images: 5,
};
const office = { connections: { 22: 5 }, processes: { ssh: 5 } };

const sights = (changed: Partial<HostSight> = {}, files = 60): Sights => {
  const hosts = { "web-1": { ...host, ...changed } };
  return { hosts, machines: { ...hosts, office }, server: { rssBytes: 1, heapBytes: 1, files, threads: 11 } };
};

test("nothing is left where all is as before", () => {
  assert.equal(leftOf(sights(), sights()).sum, 0);
});

test("what there is less of is not left", () => {
  assert.equal(leftOf(sights(), sights({ processes: { dockerd: 1 } }, 50)).sum, 0);
});

for (const [what, after, seen] of [
  ["connections", sights({ connections: { 22: 1, 8080: 2 } }), { "web-1 8080": 2 }],
  ["processes", sights({ processes: { dockerd: 1, node: 1, "docker-proxy": 1 } }), { "web-1 docker-proxy": 1 }],
  ["containers", sights({ containers: ["running", "exited"] }), { "web-1": 1 }],
  ["images", sights({ images: 7 }), { "web-1": 2 }],
  ["files", sights({}, 63), 3],
] as const)
  test(`${what} that stay behind are named`, () => {
    const left = leftOf(sights(), after);
    assert.deepEqual(left[what], seen);
    assert.ok(left.sum > 0);
  });
