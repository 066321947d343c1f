import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makePlan } from "./make-plan.ts";
import type { HostSight, PlanInput } from "./plan.ts";
import type { Release } from "./release.ts";
import { defaultEnvironment, type EnvironmentSpec, type RunSpec } from "./service.ts";

const digest = `sha256:${"a".repeat(64)}`;
const health = {
  path: "/healthz",
  intervalMs: 1_000,
  timeoutMs: 5_000,
  healthyAfter: 3,
  stableMs: 10_000,
  deadlineMs: 60_000,
};
const withoutHealth: RunSpec = {
  port: 8080,
  network: "bridge",
  env: {},
  secrets: [],
  volumes: [],
  stop: { signal: "SIGTERM", timeoutMs: 10_000 },
  limits: {},
};
const release: Release = {
  service: "hello",
  number: 7,
  buildId: "b",
  buildNumber: 7,
  source: "hello",
  commit: { sha: "c".repeat(40), branch: "main", subject: "s", author: "a" },
  image: { repository: "registry.example.com/hello", digest },
  run: { ...withoutHealth, health },
  environments: {},
  createdAt: "2026-01-01T00:00:00.000Z",
};
const inService = (host: string): HostSight => ({ host, inService: true, imagePresent: true, release: 6 });
const out = (host: string): HostSight => ({ ...inService(host), inService: false });

function inputOf(sights: readonly HostSight[], rest: Partial<PlanInput> = {}): PlanInput {
  const hosts = sights.map(({ host }) => ({ name: host, address: host, server: host }));
  return {
    release,
    environment: "production",
    reason: "deploy",
    isProved: true,
    sights,
    group: {
      hosts,
      balancers: [{ kind: "haproxy", name: "haproxy hello", socket: "unix:///s", backend: "hello" }],
      env: {},
    },
    ...rest,
  };
}

const released = (spec: Partial<EnvironmentSpec>): Release => ({
  ...release,
  environments: { production: { ...defaultEnvironment, ...spec } },
});
const three = ["web-1", "web-2", "web-3"].map(inService);
const only = (input: PlanInput) => {
  const { refusals } = makePlan(input);
  assert.equal(refusals.length, 1, JSON.stringify(refusals));
  return refusals[0];
};

describe("a plan is refused, with a reason and what to do,", () => {
  test("when the service has no health check", () => {
    assert.deepEqual(only(inputOf(three, { release: { ...release, run: withoutHealth } })), {
      reason: "hello has no health check, so a rollout could not tell a good host from a bad one.",
      advice: "Add `run.health: { path: /healthz }` to slipway.yaml.",
    });
  });

  test("when the release was not proved where it must be", () => {
    const asked = released({ promote: { from: "integration" } });
    assert.deepEqual(only(inputOf(three, { release: asked, isProved: false })), {
      reason: "Release 7 was not proved in integration, which production asks for.",
      advice: "Roll it out there first: `slipway deploy hello integration 7`.",
    });
    assert.deepEqual(makePlan(inputOf(three, { release: asked })).refusals, []);
  });

  test("when it would go back without being asked to", () => {
    const newer = [inService("web-1"), { ...inService("web-2"), release: 9 }];
    assert.deepEqual(only(inputOf(newer)), {
      reason: "Release 7 is older than release 9, which runs in production.",
      advice: "To go back on purpose: `slipway rollback hello production 7`.",
    });
    assert.deepEqual(makePlan(inputOf(newer, { reason: "rollback" })).refusals, []);
  });

  test("when a host could not be looked at, with what was seen", () => {
    const error = {
      code: "host.unreachable",
      message: "Could not reach web-2: no route.",
      advice: "Check it.",
    } as const;
    assert.deepEqual(only(inputOf([inService("web-1"), { ...out("web-2"), error }, inService("web-3")])), {
      reason: "web-2: Could not reach web-2: no route.",
      advice: "Check it.",
      error,
    });
  });

  test("when something that is not ours uses the port", () => {
    assert.deepEqual(only(inputOf([{ ...inService("web-1"), portTakenBy: "nginx" }, inService("web-2")])), {
      reason: "web-1: port 8080 is used by nginx, which Slipway did not start.",
      advice: "Stop what uses the port, or choose another `run.port`.",
    });
  });

  test("when a batch would leave fewer hosts in service than asked for", () => {
    const rollout = { ...defaultEnvironment.rollout, batch: { hosts: 2 }, minHealthy: { hosts: 2 } };
    assert.deepEqual(only(inputOf(three, { release: released({ rollout }) })), {
      reason: "Batch 1 would leave 1 of 3 hosts in service; 2 are asked for.",
      advice: "Make `batch` smaller, lower `min_healthy`, or bring the hosts back that are out of service.",
    });
  });

  test("for every reason at once, so that a person mends them in one go", () => {
    const sights = [{ ...inService("web-1"), portTakenBy: "nginx", release: 9 }, inService("web-2")];
    const asked = { ...released({ promote: { from: "integration" } }), run: withoutHealth };
    assert.equal(makePlan(inputOf(sights, { release: asked, isProved: false })).refusals.length, 4);
  });
});

test("hosts that are out of service already cost no capacity: they come first, and the plan stands", () => {
  const plan = makePlan(inputOf([inService("web-1"), out("web-2"), inService("web-3")]));
  assert.deepEqual(plan.refusals, []);
  assert.deepEqual(
    plan.batches.map((batch) => batch.hosts.map(({ name }) => name)),
    [["web-2"], ["web-1"], ["web-3"]],
  );
  assert.deepEqual(
    plan.batches.map((batch) => batch.inServiceMeanwhile),
    [2, 2, 2],
  );
});

test("a plan reads as the exact sequence", () => {
  const asked = { ...released({ verify: [] }), run: { ...release.run, smoke: { path: "/version", status: 200 } } };
  const { steps } = makePlan(inputOf([{ ...inService("web-1"), imagePresent: false }], { release: asked }));
  assert.deepEqual(steps, [
    "lock production/hello for this rollout",
    "pull sha256:aaaaaaaaaaaa on web-1, in parallel",
    "batch 1: web-1 (0 of 1 in service meanwhile)",
    "  drain at haproxy hello: wait until nothing is in flight, at most 30 s",
    "  replace: stop the old container (SIGTERM, 10 s), start release 7",
    "  check /healthz: 3 good answers in a row, then 10 s stable",
    "  smoke test /version",
    "  admit at haproxy hello, and read it back",
    "release what is held, announce, write the receipt",
  ]);
});

test("where every host runs the release, there is nothing to do", () => {
  const done = three.map((sight) => ({ ...sight, release: 7, digest }));
  const { batches, steps, refusals } = makePlan(inputOf(done));
  assert.deepEqual({ batches, refusals }, { batches: [], refusals: [] });
  assert.deepEqual(steps, ["every host runs release 7 already: nothing to do"]);
});
