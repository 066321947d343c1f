import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "#core/errors.ts";
import { makeMask } from "#core/mask.ts";
import type { HostEnd } from "#core/rollout.ts";
import { Secret } from "#core/secret.ts";
import { MemoryEngine } from "#engine/memory-engine.ts";
import type { Course } from "./course.ts";
import { bundleId, keepBundle } from "./keep-bundle.ts";
import type { World } from "./world.ts";

const secret = "hunter2-of-the-database";
const sight = {
  name: "hello.1",
  host: "web-1",
  release: 2,
  rollout: 7,
  state: "running",
  digest: "sha256:b",
  hostPort: 80,
};
const lost = (what: string) => () => Promise.reject(new SlipwayError("host.unreachable", `${what} is gone`));

const course = {
  rolloutId: "rollout",
  rolloutNumber: 7,
  environment: "integration",
  previousRelease: 1,
  network: { name: "private", dockerSocket: "/d" },
  release: {
    service: "hello",
    number: 2,
    commit: { sha: "abc" },
    image: { repository: "acme/hello" },
    run: { port: 80, secrets: ["DATABASE_URL"], health: { path: "/healthz", timeoutMs: 1_000 } },
  },
  group: {
    hosts: ["web-1", "web-2"].map((name) => ({ name, address: name, server: name })),
    balancers: [{ kind: "haproxy", name: "front", backend: "hello" }],
  },
} as unknown as Course;
const end: HostEnd = {
  host: "web-1",
  previous: [],
  port: 80,
  isReplaced: true,
  error: new SlipwayError("check.unhealthy", `/healthz says no database at ${secret}`).toRecord(),
};

/** What was kept of the host, in a world that is like this one but for the change. */
async function kept(change: Record<string, unknown>): Promise<{ text: string; told: string[] }> {
  const logs = new Map<string, string>();
  const told: string[] = [];
  const world = {
    mask: makeMask([new Secret(secret)]),
    clock: { sleep: () => new Promise(() => {}), now: () => 0 },
    containers: {
      look: async ({ host }: { host: { name: string } }) => ({
        version: "28",
        // As with blue-green: beside the old one runs a new one, which fails there as it does here.
        containers:
          host.name === "web-1" ? [sight] : [sight, { ...sight, host: "web-2", release: 1, rollout: 6, hostPort: 81 }],
      }),
      lastLines: async () => `${"x".repeat(127 * 1024)}tail of ${secret.slice(4)}\nError: no database at ${secret}\n`,
      inspect: async (_at: unknown, name: string, withheld: readonly string[]) => ({
        text: JSON.stringify({ Name: name, Env: [`URL=${secret}`, ...withheld.map((one) => `${one}=[secret]`)] }),
        environment: [],
        mounts: [],
        ports: [],
      }),
    },
    checks: { get: async (_at: unknown, { port }: { port: number }) => answers[port] },
    balancer: {
      look: async () => [{ server: "web-1", state: "down", checkOk: false, inFlight: 0, reason: "L7STS/503" }],
    },
    logs: {
      clear: async (id: string) => logs.delete(id),
      append: async (id: string, text: string) => logs.set(id, text),
    },
    timeline: { append: async ({ message }: { message: string }) => told.push(message) },
    ...change,
  } as unknown as World;
  const engine = new MemoryEngine({
    workflows: [{ name: "fail", run: (run) => keepBundle(run, world, course, end) }],
  });
  await engine.start({ name: "fail", run: async () => {} }, "one", undefined);
  await engine.result("one");
  return { text: logs.get(bundleId("rollout", "web-1")) ?? "", told };
}

const answers: Record<number, unknown> = {
  80: { status: 503, body: `no database at ${secret}`, ms: 3.4 },
  81: { status: 200, body: "ok", ms: 1 },
};

test("a bundle holds the program's last words, what the health check and the balancer say, and no secret", async () => {
  const { text } = await kept({});
  assert.match(
    text,
    /# Failure\n\nrollout 7, hello r2 \(abc\) on web-1\ncheck\.unhealthy: .*no database at \[secret\]/,
  );
  assert.match(text, /# The program's last lines\n\nError: no database at \[secret\]\n/);
  assert.match(text, /GET \/healthz at port 80: 503 after 3 ms\n\nno database at \[secret\]\n/);
  assert.match(text, /front has web-1 down, its check fails \(L7STS\/503\), 0 in flight/);
  assert.match(text, /# Difference to a healthy host\n\nrelease: r2 here, r1 on web-2\n/);
  assert.match(text, /DATABASE_URL=\[secret\]/);
  assert.doesNotMatch(text, /hunter2|of-the-database/);
});

test("what cannot be learnt of a host says so in its place, and keeps nothing else away", async () => {
  const containers = { look: lost("web-1"), lastLines: lost("web-1"), inspect: lost("web-1") };
  const { text, told } = await kept({ containers });
  assert.match(text, /# The program's last lines\n\n\(not known: web-1 is gone\)/);
  assert.match(text, /its check fails/);
  assert.deepEqual(told, []);
});

test("a bundle that cannot be kept fails nothing: the timeline says why", async () => {
  const { text, told } = await kept({ logs: { clear: lost("the database"), append: lost("the database") } });
  assert.equal(text, "");
  assert.deepEqual(told, ["no bundle of web-1 was kept: the database is gone"]);
});
