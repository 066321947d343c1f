import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutDetail } from "#contract/shapes.ts";
import { TimelineWriter } from "#test/e2e/fixture-timelines.ts";
import { layLanes } from "../lanes.ts";
import { momentAt, stateAt, stepped } from "./state-at.ts";

const startMs = Date.UTC(2026, 10, 23, 12);
const writer = new TimelineWriter("r", startMs).beginning(["web-1"]).releaseHost("web-1").releaseHost("web-2");
const timeline = writer.act("finish", 60).events.map((event, index) => ({ ...event, seq: 100 + index * 3 }));
const lastSeq = timeline.at(-1)?.seq ?? 0;
const detail: RolloutDetail = {
  rollout: {
    id: "r",
    number: 7,
    service: "hello",
    environment: "production",
    release: 2,
    reason: "deploy",
    by: "ben",
    state: "succeeded",
    createdAt: new Date(startMs).toISOString(),
    startedAt: new Date(startMs).toISOString(),
    endedAt: timeline.at(-1)?.at ?? "",
  },
  hosts: ["web-1", "web-2"],
  timeline,
};
const lanesAt = (seq: number) =>
  layLanes(stateAt(detail, seq), momentAt(detail, seq))
    .lanes.filter((lane) => lane.host)
    .map((lane) => lane.state);
const seqOf = (host: string, step: string, phase: string) =>
  timeline.find((event) => event.host === host && event.step === step && event.phase === phase)?.seq ?? -1;

test("each lane is as it was at that line", () => {
  assert.deepEqual(lanesAt(0), ["waits", "waits"]);
  assert.deepEqual(lanesAt(seqOf("web-1", "drain", "started")), ["running", "waits"]);
  assert.deepEqual(lanesAt(seqOf("web-1", "bake", "succeeded")), ["released", "waits"]);
  assert.deepEqual(lanesAt(seqOf("web-2", "check", "progress")), ["released", "running"]);
  assert.deepEqual(lanesAt(lastSeq), ["released", "released"]);
});

test("nothing that came later is known: no end, no receipt, no error; the last line is the rollout as it is", () => {
  const earlier = stateAt({ ...detail, traffic: { requests: 1, failed: 0, cut: 0 } }, lastSeq - 1);
  assert.equal(earlier.rollout.state, "running");
  assert.deepEqual([earlier.rollout.endedAt, earlier.traffic], [undefined, undefined]);
  assert.equal(stateAt(detail, lastSeq), detail);
  assert.equal(stateAt(detail, 0).rollout.state, "waiting");
});

test("a rollout that waited for a person is shown waiting", () => {
  const paused = { ...timeline[0], seq: 90, step: "pause", phase: "started" } as (typeof timeline)[number];
  assert.equal(stateAt({ ...detail, timeline: [paused, ...timeline] }, 95).rollout.state, "paused");
});

test("steps go from line to line, whatever their numbers, and stay within the ends", () => {
  assert.equal(stepped(detail, 100, 1), 103);
  assert.equal(stepped(detail, 104, 1), 106);
  assert.equal(stepped(detail, 100, -1), 100);
  assert.equal(stepped(detail, lastSeq, 1), lastSeq);
  assert.equal(stepped(detail, lastSeq, -10_000), 100);
});
