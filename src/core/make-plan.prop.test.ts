import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { makePlan } from "./make-plan.ts";
import type { HostSight, Plan, PlanInput } from "./plan.ts";
import { quantityOfHosts } from "./quantity.ts";
import { defaultEnvironment, type Quantity } from "./service.ts";

const digest = `sha256:${"a".repeat(64)}`;
const quantity: fc.Arbitrary<Quantity> = fc.oneof(
  fc.integer({ min: 1, max: 8 }).map((hosts) => ({ hosts })),
  fc.integer({ min: 1, max: 100 }).map((percent) => ({ percent })),
);
const sight = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom("nothing", "the release", "an older release", "the release's number with another digest"),
    fc.boolean(),
  )
  .map(([inService, runs, imagePresent]): Seen => ({ inService, runs, imagePresent }));
type Seen = { inService: boolean; runs: string; imagePresent: boolean };

const inputs = fc
  .record({
    seen: fc.array(sight, { minLength: 1, maxLength: 8 }),
    batch: quantity,
    minHealthy: fc.option(quantity, { nil: undefined }),
    hasBalancer: fc.boolean(),
  })
  .map(({ seen, batch, minHealthy, hasBalancer }): PlanInput => {
    const rollout = { ...defaultEnvironment.rollout, batch, ...(minHealthy ? { minHealthy } : {}) };
    const sights = seen.map(sightOf);
    return {
      environment: "integration",
      reason: "deploy",
      isProved: true,
      sights,
      group: {
        hosts: sights.map(({ host }) => ({ name: host, address: host, server: host })),
        balancers: hasBalancer
          ? [{ kind: "haproxy", name: "haproxy hello", socket: "unix:///s", backend: "hello" }]
          : [],
        env: {},
      },
      release: {
        service: "hello",
        number: 7,
        buildId: "b",
        buildNumber: 7,
        source: "hello",
        commit: { sha: "c".repeat(40), branch: "main", subject: "s", author: "a" },
        image: { repository: "registry.example.com/hello", digest },
        run: {
          port: 8080,
          network: "bridge",
          env: {},
          secrets: [],
          volumes: [],
          stop: { signal: "SIGTERM", timeoutMs: 10_000 },
          limits: {},
          health: { path: "/", intervalMs: 1, timeoutMs: 1, healthyAfter: 1, stableMs: 0, deadlineMs: 60_000 },
        },
        environments: { integration: { rollout, verify: [] } },
        createdAt: "2026-01-01T00:00:00.000Z",
      },
    };
  });

const sightOf = ({ inService, runs, imagePresent }: Seen, index: number): HostSight => {
  const container = {
    nothing: {},
    "the release": { release: 7, digest },
    "an older release": { release: 6, digest: `sha256:${"b".repeat(64)}` },
  }[runs] ?? { release: 7, digest: `sha256:${"b".repeat(64)}` };
  return { host: `web-${index + 1}`, inService, imagePresent, ...container };
};

const always = (check: (input: PlanInput, plan: Plan) => void) =>
  fc.assert(
    fc.property(inputs, (input) => check(input, makePlan(input))),
    { numRuns: 1_000 },
  );
const visited = (plan: Plan) => plan.batches.flatMap((batch) => batch.hosts.map(({ name }) => name));

test("the batches and the hosts that are up to date are all hosts, each exactly once", () => {
  always((input, plan) => {
    assert.deepEqual([...visited(plan), ...plan.upToDate].sort(), input.sights.map(({ host }) => host).sort());
  });
});

test("a host that runs the release and is in service is not touched; every other one is", () => {
  always((input, plan) => {
    for (const { host, release, digest: running, inService } of input.sights) {
      const isDone = release === 7 && running === digest && inService;
      assert.equal(plan.upToDate.includes(host), isDone, host);
    }
  });
});

test("no batch is empty or larger than asked for", () => {
  always((input, plan) => {
    const batch = input.release.environments.integration?.rollout.batch ?? { hosts: 1 };
    const size = quantityOfHosts(batch, input.group.hosts.length, "down");
    for (const { hosts } of plan.batches) assert.ok(hosts.length >= 1 && hosts.length <= size);
  });
});

test("hosts that are out of service go first, each kind in the fleet's order", () => {
  always((input, plan) => {
    const toVisit = input.sights.filter(({ host }) => !plan.upToDate.includes(host));
    const expected = [...toVisit.filter((each) => !each.inService), ...toVisit.filter((each) => each.inService)];
    assert.deepEqual(
      visited(plan),
      expected.map(({ host }) => host),
    );
  });
});

test("walked through, a plan that is not refused never takes a host out below the minimum", () => {
  always((input, plan) => {
    let inService = new Set(input.sights.filter((each) => each.inService).map(({ host }) => host));
    let isBroken = false;
    for (const { hosts, inServiceMeanwhile } of plan.batches) {
      const names = hosts.map(({ name }) => name);
      const left = inService.difference(new Set(names));
      assert.equal(left.size, inServiceMeanwhile);
      if (left.size < inService.size && left.size < plan.minHealthy) isBroken = true;
      inService = left.union(new Set(names));
    }
    assert.equal(plan.refusals.length > 0, isBroken);
  });
});

test("only hosts without the image pull it", () => {
  always((input, plan) => {
    for (const { name, pull } of plan.batches.flatMap(({ hosts }) => hosts))
      assert.equal(pull, !input.sights.find(({ host }) => host === name)?.imagePresent);
  });
});

test("the same sight gives the same plan, and looking changes nothing", () => {
  always((input, plan) => {
    const before = structuredClone(input);
    assert.deepEqual(makePlan(input), plan);
    assert.deepEqual(input, before);
  });
});
