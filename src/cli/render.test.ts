import assert from "node:assert/strict";
import { test } from "node:test";
import { planShape } from "#contract/plan-shapes.ts";
import { receiptShape } from "#contract/receipt-shapes.ts";
import { overviewShape, rolloutShape } from "#contract/shapes.ts";
import {
  FakeWorld,
  fakeBuild,
  fakePause,
  fakePlan,
  fakeReceipt,
  fakeRollout,
  fakeUseCases,
  now,
} from "#test/fakes/use-cases.ts";
import { makePaint } from "./paint.ts";
import { renderDoctor } from "./render-doctor.ts";
import { renderPause } from "./render-pause.ts";
import { renderPlan, renderPlanInShort } from "./render-plan.ts";
import { renderReadiness } from "./render-readiness.ts";
import { renderReceipt } from "./render-receipt.ts";
import { renderStatus } from "./render-status.ts";

const paint = makePaint(false);
const later = Date.parse(now) + 90_000;

test("status shows what is live, each host, what runs, what was built and which source fails", async () => {
  const world = new FakeWorld();
  world.addRollout(7);
  world.builds.push(fakeBuild(12));
  const request = { params: {}, query: undefined, body: undefined };
  const overview = overviewShape.parse(await fakeUseCases(world).overview(request));
  const sources = overview.sources.map((source) => ({ ...source, error: "could not resolve host", failures: 3 }));
  assert.deepEqual(renderStatus({ ...overview, sources }, paint, later), [
    "integration (network private)",
    "  hello: release 1, 1a2b3c4 Say hello, since 1 min ago",
    "    web-1  release 2  in service",
    "    web-2  release 1  out of service (DRAIN)",
    "",
    "Rollouts that run or wait",
    "  rollout/7  running  hello release 2 to integration  by ben  1 min ago",
    "",
    "Last builds",
    "  build/12  running  hello  1a2b3c4 develop  Say hello  1 min ago",
    "",
    "Sources with errors",
    "  hello  could not resolve host  failed 3 times, last seen 1 min ago",
  ]);
});

test("a plan shows batches and its exact sequence, or its refusals instead", () => {
  const plan = planShape.parse(fakePlan(2));
  assert.deepEqual(renderPlan({ ...plan, image: "registry.example.com/hello@sha256:ab" }, paint), [
    "hello release 2 to integration",
    "  image       registry.example.com/hello@sha256:ab",
    "  strategy    rolling: one batch after the other",
    "  in service  2 hosts, never fewer than 1",
    "  expected    about 34 s, by what earlier rollouts took here",
    "  held        environment lock integration/hello",
    "  batch 1     ■□ 1 of 2 in service  web-1 (release 1 -> 2, pulls the image)",
    "  batch 2     ■□ 1 of 2 in service  web-2 (release 1 -> 2)",
    "",
    "Sequence",
    "   1. pull the image on web-1",
    "   2. drain web-1 at haproxy hello",
  ]);
  const refused = renderPlan({ ...plan, refusals: [{ reason: "no health check", advice: "Add one." }] }, paint);
  assert.deepEqual(refused.slice(-3), ["Refused: nothing would be touched", "  - no health check", "    Add one."]);
  assert.ok(!refused.includes("Sequence"));
  const nothing = { ...plan, batches: [], steps: ["every host runs release 2 already: nothing to do"] };
  assert.equal(renderPlanInShort(nothing, paint).at(-1), "  every host runs release 2 already: nothing to do");
  const short = renderPlanInShort(plan, paint);
  assert.equal(short.at(-1), "  batch 2     ■□ 1 of 2 in service  web-2 (release 1 -> 2)");
});

test("a plan says what is worth a look, who is left out, and which hosts are the canary", () => {
  const warnings = [{ message: "web-1: the disk is 93 % full.", advice: "A full disk fails one of the next pulls." }];
  const plan = planShape.parse({ ...fakePlan(2), strategy: "canary", skipped: ["web-9"], warnings });
  const lines = renderPlan(plan, paint);
  assert.ok(lines.includes("  left out    web-9: cannot be reached"));
  assert.ok(lines.includes("  canary      ■□□ 1 of 3 in service  web-1 (release 1 -> 2, pulls the image)"));
  const at = lines.indexOf("Worth a look");
  assert.deepEqual(lines.slice(at + 1, at + 3), [
    "  - web-1: the disk is 93 % full.",
    "    A full disk fails one of the next pulls.",
  ]);
});

test("a pause says why, what happened in the program's own words, and the command of each choice", () => {
  const rollout = rolloutShape.parse({ ...fakeRollout(7), state: "paused", pause: fakePause() });
  assert.deepEqual(renderPause(rollout, paint), [
    "Rollout 7 is paused: web-2 failed",
    "  web-2 did not become healthy",
    "    host: web-2",
    "    last lines:",
    "    | Error: no such table",
    "  Read it.",
    "  More: slipway bundle 7 web-2",
    "",
    "Choose how it goes on:",
    "  slipway steer 7 retry     try web-2 again",
    "  slipway steer 7 exclude   put web-2 back to what ran there, and go on without it",
    "  slipway steer 7 put-back  put back every host that was changed, newest first, and end",
    "  slipway steer 7 abort     end, and leave every host exactly as it is now",
    "Without a choice it is put back at 2026-11-24 10:00:00 UTC.",
  ]);
});

test("status begins with what waits for a person, and says how a host drifted and what puts it right", async () => {
  const world = new FakeWorld();
  world.addRollout(7, { state: "paused", pause: fakePause() });
  world.drift = { kind: "release", message: "runs release 1; 2 is live", since: now };
  const request = { params: {}, query: undefined, body: undefined };
  const lines = renderStatus(overviewShape.parse(await fakeUseCases(world).overview(request)), paint, later);
  assert.deepEqual(lines.slice(0, 4), [
    "Rollout 7 of hello in integration was paused 1 min ago: web-2 failed",
    "  web-2 did not become healthy",
    "  slipway steer 7 <retry|exclude|put-back|abort>",
    "",
  ]);
  assert.ok(lines.includes("    web-2  release 1  out of service (DRAIN)  drifted: runs release 1; 2 is live"));
  assert.ok(lines.includes("  slipway correct hello integration web-2"));
});

test("readiness says who holds the image, and who does not", () => {
  const hosts = [{ name: "web-1", holdsImage: true }, { name: "web-2", holdsImage: false }, { name: "web-3" }];
  const place = { service: "hello", environment: "production", hosts, refusals: [] };
  assert.deepEqual(renderReadiness([{ ...place, release: 11, expectedSeconds: 12, ready: false }], paint), [
    "hello in production: back to release 11",
    "  not ready at once: 1 of 3 hosts hold its image, about 12 s",
    "  must pull it first: web-2",
    "  could not be looked at: web-3",
  ]);
  assert.deepEqual(renderReadiness([{ ...place, ready: false }], paint), [
    "hello in production: no earlier good release to roll back to",
  ]);
});

test("readiness says what is live, what runs there, and why a roll back would be refused", () => {
  const place = { service: "hello", environment: "production", hosts: [{ name: "web-1", holdsImage: true }] };
  const refusals = [{ reason: "production is locked.", advice: "Unlock it." }];
  const underWay = { number: 8, state: "paused" as const, release: 13 };
  assert.deepEqual(renderReadiness([{ ...place, live: 12, release: 11, refusals, underWay, ready: false }], paint), [
    "hello in production: back from release 12 to release 11",
    "  not ready at once: 1 of 1 host hold its image",
    "  rollout 8 of release 13 is paused there",
    "  refused now: production is locked.",
    "    Unlock it.",
  ]);
});

test("a receipt shows traffic lost in red and steps that did not run as a dash", () => {
  const receipt = receiptShape.parse(fakeReceipt(7));
  const lines = renderReceipt(receipt, paint);
  assert.ok(lines.includes("  prober         1200 requests, 0 failed, 0 cut off"));
  assert.deepEqual(lines.slice(-3), [
    "  host   outcome   drain   replace  check  admit  bake  put back  repeated",
    "  web-1  released  120 ms  300 ms   2.0 s  40 ms  -     -         -",
    "  web-2  released  80 ms   310 ms   2.1 s  41 ms  -     -         1",
  ]);
  const lost = { ...receipt, prober: { requests: 10, failed: 1, cut: 0 } };
  assert.ok(renderReceipt(lost, makePaint(true)).some((line) => line.includes("\u001b[31m10 requests, 1 failed")));
});

test("doctor gives advice below what is not well and nowhere else", () => {
  const ok = { subject: "git", verdict: "ok", message: "2.39", advice: "unused", ms: 4 } as const;
  const bad = { subject: "clock", verdict: "warning", message: "2 s off", advice: "Use NTP.", ms: 12 } as const;
  assert.deepEqual(renderDoctor({ checks: [ok, bad], ok: true }, paint), [
    "ok       git    4 ms   2.39",
    "warning  clock  12 ms  2 s off",
    "         Use NTP.",
    "",
    "2 checks: 1 ok, 1 warning, 0 failed",
  ]);
});
