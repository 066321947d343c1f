import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutDetail, TimelineEventShape } from "#contract/shapes.ts";
import { strategyNote } from "./strategy-note.ts";

type Said = Pick<TimelineEventShape, "step" | "phase"> & Partial<TimelineEventShape>;

const noteOf = (strategy: "canary" | "blue-green" | "rolling", state: "running" | "succeeded", ...said: Said[]) => {
  const timeline = said.map((event, index) => ({ seq: index + 1, rolloutId: "r", at: "", attempt: 1, ...event }));
  const plan = { strategy, batches: [{ hosts: [{ name: "web-1", pull: false }], inServiceMeanwhile: 1 }] };
  const note = strategyNote({ rollout: { plan, state }, timeline } as unknown as RolloutDetail);
  return note && [note.look.word, note.words];
};

const watched: Said[] = [
  { step: "canary", phase: "started" },
  { step: "canary", phase: "progress", message: "0 of 4 answers failed" },
];

test("a canary is watched, did well, failed, or could not be measured", () => {
  assert.equal(noteOf("canary", "running"), undefined);
  assert.deepEqual(noteOf("canary", "running", ...watched), ["canary is watched", "web-1: 0 of 4 answers failed"]);
  const done: Said[] = [...watched, { step: "canary", phase: "succeeded" }];
  assert.equal(noteOf("canary", "running", ...done)?.[0], "canary did well");
  const unknown: Said = { step: "pause", phase: "started", message: "The canary could not be judged: too few" };
  assert.equal(noteOf("canary", "running", ...done, unknown)?.[0], "canary was not measured");
  const again = [...done, unknown, ...done];
  assert.equal(noteOf("canary", "running", ...again)?.[0], "canary did well", "when it was measured once more");
  const failed: Said = { step: "canary", phase: "failed", message: "9 of 9 failed" };
  assert.deepEqual(noteOf("canary", "running", ...watched, failed), ["canary failed", "9 of 9 failed"]);
});

test("a switch is under way, done, or failed; once all is good the old containers are stopped", () => {
  const begun: Said = { step: "switch", phase: "started" };
  const done: Said = { step: "switch", phase: "succeeded" };
  assert.equal(noteOf("blue-green", "running", begun)?.[0], "switching");
  assert.match(noteOf("blue-green", "running", begun, done)?.[1] ?? "", /still run, ready to return/);
  assert.match(noteOf("blue-green", "succeeded", begun, done, begun, done)?.[1] ?? "", /stopped and kept/);
  const failed: Said = { step: "switch", phase: "failed", message: "no" };
  assert.deepEqual(noteOf("blue-green", "running", begun, failed), ["switch failed", "no"]);
  assert.equal(noteOf("rolling", "running", begun), undefined);
});
