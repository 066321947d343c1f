import assert from "node:assert/strict";
import { test } from "node:test";
import { overviewShape, planShape, receiptShape } from "#contract/shapes.ts";
import { FakeWorld, fakeBuild, fakePlan, fakeReceipt, fakeUseCases, now } from "#test/fakes/use-cases.ts";
import { makePaint } from "./paint.ts";
import { renderDoctor } from "./render-doctor.ts";
import { renderPlan } from "./render-plan.ts";
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
    "  image        registry.example.com/hello@sha256:ab",
    "  in service   2 hosts, never fewer than 1",
    "  batch 1      web-1 (release 1 -> 2, pulls the image); 1 in service meanwhile",
    "  batch 2      web-2 (release 1 -> 2); 1 in service meanwhile",
    "",
    "Sequence",
    "   1. pull the image on web-1",
    "   2. drain web-1 at haproxy hello",
  ]);
  const refused = renderPlan({ ...plan, refusals: [{ reason: "no health check", advice: "Add one." }] }, paint);
  assert.deepEqual(refused.slice(-3), ["Refused: nothing would be touched", "  - no health check", "    Add one."]);
  assert.ok(!refused.includes("Sequence"));
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
