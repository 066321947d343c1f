import assert from "node:assert/strict";
import { test } from "node:test";
import { type Recorded, recordedShape } from "#simulator/recorded-run.ts";
import { rehearsalPage } from "#simulator/rehearsal-page.ts";
import { type Rehearsal, rehearse } from "#simulator/rehearse.ts";
import { usualRun } from "#simulator/simulated-world.ts";

const names = ["web-1", "web-2", "web-3", "web-4"];
const at = "2026-11-01T12:00:00.000Z";

/** As `slipway export` writes it, with the timeline of an earlier rehearsal or a part of one. */
const recorded = (state: string, timeline: readonly object[], strategy = {}): Recorded =>
  recordedShape.parse({
    version: 1,
    rollout: {
      number: 7,
      service: "hello",
      environment: "integration",
      state,
      plan: { batches: names.map((name) => ({ hosts: [{ name, from: 1 }] })), upToDate: [] },
    },
    strategy,
    run: usualRun,
    timeline,
  });

const differences = (record: Recorded, rehearsal: Rehearsal): string[] => rehearsalPage(record, rehearsal).differences;

for (const strategy of [{}, { strategy: "canary", bakeMs: 1_000 }, { strategy: "blue-green" }])
  test(`a rehearsal of what was rehearsed goes the same way, killed or not: ${JSON.stringify(strategy)}`, async () => {
    const first = await rehearse(recorded("succeeded", [], strategy));
    assert.equal(first.state, "succeeded");
    assert.equal(first.failed, 0);
    const record = recorded("succeeded", first.timeline, strategy);
    assert.deepEqual(differences(record, await rehearse(record)), []);
    const killAt = [3, 17, Math.floor(first.points / 2), first.points - 4];
    const killed = await rehearse(record, killAt);
    assert.equal(killed.deaths, killAt.length);
    assert.equal(killed.failed, 0);
    assert.deepEqual(differences(record, killed), []);
  });

test("where the program failed then it fails again, and is put back the same way", async () => {
  const failure = {
    at,
    step: "check",
    phase: "failed",
    direction: "forward",
    host: "web-3",
    error: { code: "health.failed" },
  };
  const first = await rehearse(recorded("failed", [failure]));
  assert.equal(first.state, "failed");
  const record = recorded("failed", first.timeline);
  assert.deepEqual(differences(record, await rehearse(record)), []);
});

test("what goes otherwise than it was recorded is told", async () => {
  const good = await rehearse(recorded("succeeded", []));
  const record = recorded("failed", [
    ...good.timeline,
    { at, step: "check", phase: "failed", direction: "forward", host: "web-9", error: { code: "health.failed" } },
  ]);
  const told = differences(record, good);
  assert.deepEqual(told, [
    "the rollout ended as failed then, as succeeded now",
    "web-9 check: it failed then, it is not there now",
  ]);
});
