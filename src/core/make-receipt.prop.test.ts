import assert from "node:assert/strict";
import { test } from "node:test";
import { fc } from "#test/seeded-check.ts";
import { addTraffic, makeReceipt, type ReceiptInput } from "./make-receipt.ts";
import type { Plan } from "./plan.ts";
import type { Release } from "./release.ts";
import { hostSteps, type Rollout, type TimelineEvent } from "./rollout.ts";

const startMs = Date.UTC(2026, 0, 1);
const at = (ms: number) => new Date(startMs + ms).toISOString();
const release: Release = {
  service: "hello",
  number: 7,
  buildId: "b",
  buildNumber: 7,
  source: "hello",
  commit: { sha: "c".repeat(40), branch: "main", subject: "s", author: "a" },
  image: { repository: "registry.example.com/hello", digest: `sha256:${"a".repeat(64)}` },
  run: {
    port: 8080,
    network: "bridge",
    env: {},
    secrets: [],
    volumes: [],
    stop: { signal: "SIGTERM", timeoutMs: 10_000 },
    limits: {},
  },
  environments: {},
  createdAt: at(0),
};
const plan: Plan = {
  service: "hello",
  environment: "integration",
  release: 7,
  image: "i",
  reason: "deploy",
  batches: ["web-1", "web-2"].map((name) => ({ hosts: [{ name, pull: false }], inServiceMeanwhile: 2 })),
  strategy: "rolling",
  upToDate: ["web-3"],
  skipped: [],
  holds: [],
  warnings: [],
  minHealthy: 2,
  inService: 3,
  steps: [],
  refusals: [],
};
const rollout: Rollout = {
  id: "r",
  number: 1,
  service: "hello",
  environment: "integration",
  release: 7,
  reason: "deploy",
  by: "ben",
  state: "running",
  plan,
  createdAt: at(0),
};
const inputOf = (timeline: readonly TimelineEvent[], rest: Partial<ReceiptInput> = {}): ReceiptInput => ({
  rollout,
  release,
  timeline,
  outcome: "succeeded",
  endedAt: at(60_000),
  ...rest,
});

const event = fc
  .record({
    atMs: fc.integer({ min: -1_000, max: 120_000 }),
    step: fc.constantFrom(...hostSteps),
    host: fc.constantFrom("web-1", "web-2", "web-3", "web-9", undefined),
    direction: fc.constantFrom("forward" as const, "back" as const, undefined),
    phase: fc.constantFrom("started" as const, "progress" as const, "succeeded" as const, "failed" as const),
    attempt: fc.integer({ min: 1, max: 3 }),
    seq: fc.nat(),
  })
  .map(
    ({ atMs, host, direction, ...rest }): TimelineEvent => ({
      rolloutId: "r",
      at: at(atMs),
      ...rest,
      ...(host ? { host } : {}),
      ...(direction ? { direction } : {}),
    }),
  );
const timelines = fc.array(event, { maxLength: 40 });

test("whatever was recorded, in whatever order, gives a receipt of every host of the plan, and of those that joined, once", () => {
  fc.assert(
    fc.property(
      timelines,
      fc.constantFrom("succeeded" as const, "failed" as const, "stuck" as const),
      (timeline, outcome) => {
        const receipt = makeReceipt(inputOf(timeline, { outcome }));
        const hasJoined = timeline.some(({ host, direction }) => host === "web-9" && direction);
        assert.deepEqual(
          receipt.hosts.map(({ host, joined }) => (joined ? `${host} joined` : host)),
          ["web-1", "web-2", "web-3", ...(hasJoined ? ["web-9 joined"] : [])],
        );
        assert.equal(receipt.outcome, outcome);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("no time in it is less than nothing, and the longest drain is the longest of its hosts", () => {
  fc.assert(
    fc.property(timelines, (timeline) => {
      const { hosts, longestDrainMs, seconds } = makeReceipt(inputOf(timeline));
      const times = hosts.flatMap(({ stepsMs, putBackMs = 0 }) => [...Object.values(stepsMs), putBackMs]);
      assert.ok([seconds, ...times].every((time) => Number.isFinite(time) && time >= 0));
      assert.equal(longestDrainMs, Math.max(0, ...hosts.map(({ stepsMs }) => stepsMs.drain ?? 0)));
    }),
    { numRuns: 1_000 },
  );
});

test("only a host whose last try went all the way forward, and that never went back, is released", () => {
  fc.assert(
    fc.property(timelines, (timeline) => {
      for (const { host, outcome } of makeReceipt(inputOf(timeline)).hosts) {
        const events = timeline.filter((each) => each.host === host);
        if (outcome === "released") assert.ok(!events.some(({ direction }) => direction === "back"), "put back");
        const last = events.findLast(({ direction, phase }) => direction === "forward" && phase !== "progress");
        // A failure before it was tried again, and the last try went all the way.
        if (outcome === "released") assert.match(`${last?.step} ${last?.phase}`, /^(admit|bake|drain) succeeded$/);
        if (outcome === "put-back") assert.ok(events.some(({ direction }) => direction === "back"));
      }
    }),
    { numRuns: 1_000 },
  );
});

const count = fc.record({ requests: fc.nat(), failed: fc.nat(), cut: fc.nat() }, { noNullPrototype: true });

test("the counts of several balancers add up, in any order; no balancer is no count", () => {
  fc.assert(
    fc.property(fc.array(count, { minLength: 1, maxLength: 5 }), (counts) => {
      const sum = addTraffic(counts);
      for (const key of ["requests", "failed", "cut"] as const)
        assert.equal(
          sum?.[key],
          counts.reduce((total, each) => total + each[key], 0),
        );
      assert.deepEqual(addTraffic(counts.toReversed()), sum);
    }),
  );
  assert.equal(addTraffic([]), undefined);
});

test("failed requests are in the receipt as they were counted, and a failed rollout has no time to live", () => {
  const prober = { requests: 100, failed: 3, cut: 1 };
  const seen = { prober, balancers: prober, commitSeenAt: at(-30_000) };
  const good = makeReceipt(inputOf([], seen));
  assert.deepEqual([good.prober, good.balancers, good.seconds, good.commitToLiveSeconds], [prober, prober, 60, 90]);
  assert.equal(makeReceipt(inputOf([], { ...seen, outcome: "failed" })).commitToLiveSeconds, undefined);
});
