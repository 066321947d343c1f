import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutDetail, TimelineEventShape } from "#contract/shapes.ts";
import { layLanes, progressOf } from "./lanes.ts";

const origin = Date.parse("2026-11-23T12:00:00.000Z");
const at = (ms: number) => new Date(origin + ms).toISOString();

type Said = Pick<TimelineEventShape, "step" | "phase"> & Partial<TimelineEventShape>;
const timeline = (...events: [number, Said][]): TimelineEventShape[] =>
  events.map(([ms, said], index) => ({ seq: index + 1, rolloutId: "r", at: at(ms), attempt: 1, ...said }));

const detail = (hosts: string[], events: TimelineEventShape[], over: Partial<RolloutDetail["rollout"]> = {}) => ({
  rollout: {
    id: "r",
    number: 7,
    service: "hello",
    environment: "integration",
    release: 2,
    reason: "commit" as const,
    by: "commit",
    state: "running" as const,
    createdAt: at(0),
    ...over,
  },
  hosts,
  timeline: events,
});

const host = (step: Said["step"], phase: Said["phase"], more: Partial<Said> = {}): Said => ({
  step,
  phase,
  host: "web-1",
  direction: "forward",
  ...more,
});

test("before anything happened every host waits and nothing is drawn", () => {
  const { lanes, lengthMs, ticks } = layLanes(detail(["web-1", "web-2"], []), origin);
  assert.deepEqual(
    lanes.map((lane) => [lane.host, lane.state, lane.segments.length]),
    [
      ["web-1", "waits", 0],
      ["web-2", "waits", 0],
    ],
  );
  assert.ok(lengthMs > 0);
  assert.equal(ticks.length, 1);
});

test("steps lie on the axis one after the other; the one that runs reaches to now", () => {
  const events = timeline(
    [0, host("drain", "started")],
    [1_000, host("drain", "succeeded")],
    [1_000, host("replace", "started")],
    [3_000, host("replace", "progress", { message: "starting release 2" })],
  );
  const { lanes, lengthMs } = layLanes(detail(["web-1"], events), origin + 4_000);
  assert.equal(lengthMs, 4_000);
  assert.deepEqual(lanes[0], {
    host: "web-1",
    state: "running",
    message: "starting release 2",
    segments: [
      { step: "drain", direction: "forward", state: "succeeded", attempt: 1, ms: 1_000, left: 0, width: 0.25 },
      { step: "replace", direction: "forward", state: "running", attempt: 1, ms: 3_000, left: 0.25, width: 0.75 },
    ],
  });
});

test("a step that a restart interrupted ends where its next try begins", () => {
  const events = timeline(
    [0, host("check", "started")],
    [4_000, host("check", "started", { attempt: 2 })],
    [8_000, host("check", "succeeded", { attempt: 2 })],
  );
  const segments = layLanes(detail(["web-1"], events), origin + 8_000).lanes[0]?.segments ?? [];
  assert.deepEqual(
    segments.map((segment) => [segment.state, segment.attempt, segment.left, segment.width]),
    [
      ["interrupted", 1, 0, 0.5],
      ["succeeded", 2, 0.5, 0.5],
    ],
  );
});

test("a rollout that has ended does not grow any more", () => {
  const events = timeline([0, host("drain", "started")], [2_000, host("drain", "failed", { message: "no" })]);
  const ended = detail(["web-1"], events, { state: "failed", endedAt: at(5_000) });
  assert.deepEqual(layLanes(ended, origin + 6_000), layLanes(ended, origin + 900_000));
  assert.equal(layLanes(ended, origin).lengthMs, 5_000);
});

test("a host is putting back until it is admitted again, and failed when that fails", () => {
  const failed: [number, Said][] = [
    [0, host("check", "started")],
    [1_000, host("check", "failed", { message: "503" })],
  ];
  const back = (step: Said["step"], phase: Said["phase"]) => host(step, phase, { direction: "back" });
  const stateAfter = (...more: [number, Said][]) =>
    layLanes(detail(["web-1"], timeline(...failed, ...more)), origin + 9_000).lanes[0]?.state;
  assert.equal(stateAfter(), "failed");
  assert.equal(stateAfter([1_100, back("drain", "started")]), "putting back");
  assert.equal(stateAfter([1_100, back("drain", "started")], [1_200, back("drain", "succeeded")]), "putting back");
  assert.equal(stateAfter([1_100, back("admit", "started")], [1_200, back("admit", "succeeded")]), "put back");
  assert.equal(stateAfter([1_100, back("admit", "started")], [1_200, back("admit", "failed")]), "failed");
});

test("a host on which nothing ran before is put back without being admitted", () => {
  const events = timeline(
    [0, host("check", "failed")],
    [100, host("replace", "started", { direction: "back" })],
    [900, host("replace", "succeeded", { direction: "back" })],
  );
  const ended = detail(["web-1"], events, { state: "failed", endedAt: at(1_000) });
  assert.equal(layLanes(ended, origin).lanes[0]?.state, "put back");
});

test("a lane says the latest while it goes on, and why once it failed", () => {
  const failed: [number, Said][] = [
    [0, host("check", "started")],
    [1_000, host("check", "failed", { message: "503 no database" })],
  ];
  const back: [number, Said][] = [
    [1_100, host("admit", "started", { direction: "back" })],
    [1_200, host("admit", "progress", { direction: "back", message: "edge: UP" })],
  ];
  const messageAfter = (...events: [number, Said][]) =>
    layLanes(detail(["web-1"], timeline(...events)), origin + 2_000).lanes[0]?.message;
  assert.equal(messageAfter(...failed, ...back), "edge: UP");
  const done: [number, Said] = [1_300, host("admit", "succeeded", { direction: "back" })];
  assert.equal(messageAfter(...failed, ...back, done), "503 no database");
  assert.equal(
    messageAfter(
      [0, host("bake", "progress", { message: "healthy" })],
      [1, host("bake", "started")],
      [2, host("bake", "succeeded")],
    ),
    undefined,
  );
});

test("of a rollout that is over nobody waits", () => {
  const ended = detail(["web-1", "web-2"], timeline([0, host("check", "failed")]), { state: "failed" });
  assert.equal(layLanes(ended, origin).lanes[1]?.state, "untouched");
});

test("a host is released once it is admitted, or has baked where a bake follows", () => {
  const admit: [number, Said][] = [
    [0, host("admit", "started")],
    [500, host("admit", "succeeded")],
  ];
  const bake = [600, host("bake", "started")] as [number, Said];
  const stateAfter = (...events: [number, Said][]) =>
    layLanes(detail(["web-1"], timeline(...events)), origin + 1_000).lanes[0]?.state;
  assert.equal(stateAfter(...admit), "released");
  assert.equal(stateAfter(...admit, bake), "running");
  assert.equal(stateAfter(...admit, bake, [900, host("bake", "succeeded")]), "released");
});

test("the rollout's own acts have a lane of their own, and notices none", () => {
  const events = timeline(
    [0, { step: "plan", phase: "started" }],
    [500, { step: "plan", phase: "succeeded" }],
    [600, { step: "announce", phase: "succeeded", message: "started: slack was told" }],
  );
  const { lanes } = layLanes(detail(["web-1"], events), origin + 1_000);
  assert.deepEqual(
    lanes.map((lane) => [lane.host, lane.segments.map((segment) => segment.step)]),
    [
      [undefined, ["plan"]],
      ["web-1", []],
    ],
  );
});

test("hours of waiting for approval do not squeeze the minutes that follow", () => {
  const hours = 3 * 3_600_000;
  const events = timeline(
    [0, { step: "plan", phase: "started" }],
    [100, { step: "plan", phase: "succeeded" }],
    [200, { step: "approve", phase: "started" }],
    [hours, { step: "approve", phase: "succeeded" }],
    [hours, host("drain", "started")],
    [hours + 10_000, host("drain", "succeeded")],
  );
  const { lengthMs, lanes } = layLanes(detail(["web-1"], events), origin + hours + 10_000);
  assert.equal(lengthMs, 10_000);
  assert.deepEqual(
    lanes.map((lane) => lane.host),
    ["web-1"],
  );
});

test("everything drawn is on the axis, also when the browser's clock is behind", () => {
  const events = timeline([5_000, host("drain", "started")], [6_000, host("replace", "started")]);
  for (const segment of layLanes(detail(["web-1"], events), origin).lanes[0]?.segments ?? []) {
    assert.ok(segment.left >= 0 && segment.width >= 0 && segment.left + segment.width <= 1);
  }
});

test("ticks are round and few at any length", () => {
  for (const lengthMs of [900, 12_345, 61_000, 3_600_000, 400_000_000]) {
    const { ticks } = layLanes(detail(["web-1"], timeline([0, host("drain", "started")])), origin + lengthMs);
    assert.ok(ticks.length <= 7, `${ticks.length} ticks for ${lengthMs} ms`);
    assert.ok(ticks.every((tick) => tick.left <= 1));
  }
});

test("progress counts hosts that are done and names what is done now", () => {
  const plan = {
    service: "hello",
    environment: "integration",
    release: 2,
    image: "i",
    reason: "commit" as const,
    batches: [],
    strategy: "rolling" as const,
    skipped: [],
    holds: [],
    warnings: [],
    upToDate: ["web-3"],
    minHealthy: 1,
    inService: 3,
    steps: [],
    refusals: [],
  };
  const events = timeline(
    [0, host("bake", "started")],
    [500, host("bake", "succeeded")],
    [600, host("check", "started", { host: "web-2" })],
  );
  assert.deepEqual(progressOf(detail(["web-1", "web-2", "web-3"], events, { plan })), {
    done: 2,
    total: 3,
    now: "web-2: check",
  });
});

test("a host that a person had tried again counts by its last try", () => {
  const first: [number, Said][] = [
    [0, host("check", "started")],
    [1_000, host("check", "failed", { message: "503" })],
  ];
  const stateAfter = (...more: [number, Said][]) =>
    layLanes(detail(["web-1"], timeline(...first, ...more)), origin + 9_000).lanes[0]?.state;
  assert.equal(stateAfter([2_000, host("drain", "started")]), "running");
  assert.equal(stateAfter([2_000, host("bake", "started")], [3_000, host("bake", "succeeded")]), "released");
  assert.equal(stateAfter([2_000, host("drain", "started")], [3_000, host("drain", "failed")]), "failed");
});

const planned = (strategy: "canary" | "blue-green", over: { skipped?: string[] } = {}) => ({
  plan: {
    ...{ service: "hello", environment: "integration", release: 2, image: "x", reason: "commit" as const, strategy },
    ...{ batches: [{ hosts: [{ name: "web-1", pull: false }], inServiceMeanwhile: 2 }], upToDate: [], minHealthy: 1 },
    ...{ inService: 2, skipped: [], holds: [], warnings: [], steps: [], refusals: [] },
    ...over,
  },
});

test("blue-green: a host stands beside the old until all are switched together", () => {
  const started: [number, Said][] = [
    [0, host("check", "started")],
    [1_000, host("check", "succeeded")],
    [1_100, { step: "switch", phase: "started" }],
  ];
  const stateAfter = (...more: [number, Said][]) =>
    layLanes(detail(["web-1"], timeline(...started, ...more), planned("blue-green")), origin + 3_000).lanes[1]?.state;
  assert.equal(stateAfter(), "beside");
  assert.equal(stateAfter([2_000, { step: "switch", phase: "succeeded" }]), "released");
});

test("what is done once more after it was good is no second try; what is repeated after a failure is", () => {
  const events = timeline(
    [0, { step: "switch", phase: "started" }],
    [1_000, { step: "switch", phase: "failed" }],
    [2_000, { step: "switch", phase: "started", attempt: 2 }],
    [3_000, { step: "switch", phase: "succeeded", attempt: 2 }],
    [4_000, { step: "switch", phase: "started", attempt: 3 }],
  );
  const [whole] = layLanes(detail([], events), origin + 5_000).lanes;
  assert.deepEqual(
    whole?.segments.map((segment) => segment.attempt),
    [1, 2, 1],
  );
});

test("hosts that joined while it ran have lanes, and those that were left out say so", () => {
  const events = timeline([0, host("drain", "started", { host: "web-4" })]);
  const drawn = layLanes(detail(["web-1"], events, planned("canary", { skipped: ["web-9"] })), origin + 1_000).lanes;
  assert.deepEqual(
    drawn.map((lane) => [lane.host, lane.state, lane.isCanary ?? false]),
    [
      ["web-1", "waits", true],
      ["web-4", "running", false],
      ["web-9", "left out", false],
    ],
  );
});

test("hours of waiting for a person are drawn short; the work keeps its length, and its ticks their place", () => {
  const hours = 3 * 3_600_000;
  const events = timeline(
    [0, host("drain", "started")],
    [10_000, host("drain", "failed")],
    [10_000, { step: "pause", phase: "started" }],
    [10_000 + hours, { step: "pause", phase: "succeeded" }],
    [10_000 + hours, host("drain", "started")],
    [20_000 + hours, host("drain", "succeeded")],
  );
  const { lanes, ticks, lengthMs } = layLanes(detail(["web-1"], events), origin + 20_000 + hours);
  assert.equal(lengthMs, 22_400);
  const [first, second] = lanes[1]?.segments ?? [];
  const near = (a: number | undefined, b: number) => assert.ok(Math.abs((a ?? 0) - b) < 1e-9, `${a} is not ${b}`);
  near(first?.width, 10 / 22.4);
  near(second?.left, 12.4 / 22.4);
  near(second?.width, 10 / 22.4);
  assert.equal(lanes[0]?.segments[0]?.ms, hours, "the words say how long it really was");
  near(ticks.find(({ ms }) => ms === 15_000)?.left, 17.4 / 22.4);
});
