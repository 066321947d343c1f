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
    assert.deepEqual(
      only(inputOf([{ ...inService("web-1"), portTaken: { port: 8080, by: "nginx" } }, inService("web-2")])),
      {
        reason: "web-1: port 8080 is used by nginx, which Slipway did not start.",
        advice: "Stop what uses the port, or choose another `run.port`.",
      },
    );
  });

  test("when a batch would leave fewer hosts in service than asked for", () => {
    const rollout = { ...defaultEnvironment.rollout, batch: { hosts: 2 }, minHealthy: { hosts: 2 } };
    assert.deepEqual(only(inputOf(three, { release: released({ rollout }) })), {
      reason: "Batch 1 would leave 1 of 3 hosts in service; 2 are asked for.",
      advice: "Make `batch` smaller, lower `min_healthy`, or bring the hosts back that are out of service.",
    });
  });

  test("for every reason at once, so that a person mends them in one go", () => {
    const sights = [{ ...inService("web-1"), portTaken: { port: 8080, by: "nginx" }, release: 9 }, inService("web-2")];
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

const mib = 1024 ** 2;

describe("what a plan says of images and disks:", () => {
  const pulling = (host: string, rest: Partial<HostSight>) => ({ ...inService(host), imagePresent: false, ...rest });
  const disk = (freeBytes: number) => ({ freeBytes, totalBytes: 4_000 * mib });

  test("a disk on which the unpacked image would not fit is refused before anything is touched", () => {
    const sights = [pulling("web-1", { pullBytes: 200 * mib, disk: disk(500 * mib) }), inService("web-2")];
    assert.match(only(inputOf(sights))?.reason ?? "", /^web-1: 0.5 GiB of disk is free; the image needs 0.6 GiB/);
  });

  test("what each host pulls stands in the plan", () => {
    const sights = [pulling("web-1", { pullBytes: 20 * mib, disk: disk(2_000 * mib) }), inService("web-2")];
    const { batches, steps, refusals } = makePlan(inputOf(sights));
    assert.deepEqual([batches[0]?.hosts[0]?.pullBytes, refusals], [20 * mib, []]);
    assert.ok(
      steps.some((step) => /^pull .* on web-1 \(.*\), in parallel$/.test(step)),
      steps.join("\n"),
    );
  });

  test("what could not be learnt is said, and is no reason to refuse", () => {
    const plan = makePlan(inputOf([pulling("web-1", {}), inService("web-2")], { sizeUntold: "no answer." }));
    assert.deepEqual(plan.refusals, []);
    assert.ok(plan.warnings.some(({ message }) => /Could not check whether the image fits.*no answer/.test(message)));
  });
});

describe("how many hosts must stay:", () => {
  const minimum = (sights: readonly HostSight[], rollout: Partial<EnvironmentSpec["rollout"]> = {}) =>
    makePlan(inputOf(sights, { release: released({ rollout: { ...defaultEnvironment.rollout, ...rollout } }) }));
  const away = (host: string): HostSight => ({
    ...out(host),
    error: { code: "host.unreachable", message: "no route", advice: "Check it." },
  });
  const switchedOff = (host: string): HostSight => ({
    ...out(host),
    switchedOff: [{ balancer: "haproxy hello", server: host, state: "maintenance", isInUse: true }],
  });

  test("all but one batch, never none of several, and none of one", () => {
    assert.equal(minimum(three).minHealthy, 2);
    assert.equal(minimum(three, { batch: { hosts: 3 } }).minHealthy, 1);
    assert.deepEqual(minimum([inService("web-1")]).refusals, []);
    assert.match(minimum([inService("web-1")]).warnings[0]?.message ?? "", /hello is away while batch 1 is out/);
  });

  test("a batch of the whole group is refused, unless it is written down that the service may be away", () => {
    const all = { batch: { hosts: 3 } };
    assert.match(minimum(three, all).refusals[0]?.advice ?? "", /min_healthy: 0/);
    assert.deepEqual(minimum(three, { ...all, minHealthy: { hosts: 0 } }).refusals, []);
  });

  test("hosts that are left out or switched off by somebody do not count", () => {
    const skip = { onUnreachable: "skip" as const };
    assert.deepEqual(minimum([inService("web-1"), inService("web-2"), away("web-3")], skip).minHealthy, 1);
    const plan = minimum([inService("web-1"), inService("web-2"), switchedOff("web-3")]);
    assert.deepEqual([plan.minHealthy, plan.refusals], [1, []]);
    assert.deepEqual(
      plan.batches.map(({ inServiceMeanwhile }) => inServiceMeanwhile),
      [2, 1, 1],
    );
    assert.match(plan.warnings.at(-1)?.message ?? "", /web-3 is in maintenance at haproxy hello.*stays out of service/);
  });

  test("a roll back leaves a host out that cannot be reached and serves nobody", () => {
    const plan = makePlan(inputOf([inService("web-1"), inService("web-2"), away("web-3")], { reason: "rollback" }));
    assert.deepEqual([plan.skipped, plan.refusals], [["web-3"], []]);
  });
});

describe("timers of different files are held against each other:", () => {
  const warned = (rest: Partial<PlanInput>) => makePlan(inputOf(three, rest)).warnings.map(({ message }) => message);
  const timing = { balancer: "haproxy hello", longestRequestMs: 1_000, checksToAdmit: 2, checkIntervalMs: 1_000 };

  test("the longest request against the drain", () => {
    assert.deepEqual(warned({ timings: [timing] }), []);
    const long = warned({ timings: [{ ...timing, longestRequestMs: 45_000 }] });
    assert.deepEqual(long, ["haproxy hello has seen a request of 45 s; a drain waits 30 s."]);
  });

  test("the balancer's own drain against ours", () => {
    const [words = ""] = warned({ timings: [{ ...timing, drainDelayMs: 300_000 }] });
    assert.match(words, /drains for 300 s by its own rule; a drain waits 30 s/);
  });

  test("its checks against the time that a host is waited for, which follows them", () => {
    const slow = makePlan(inputOf(three, { timings: [{ ...timing, checksToAdmit: 10, checkIntervalMs: 30_000 }] }));
    assert.deepEqual([slow.refusals, slow.admitTimeoutMs], [[], 630_000]);
    const never = { timings: [{ ...timing, checksToAdmit: 10, checkIntervalMs: 120_000 }] };
    assert.match(only(inputOf(three, never))?.reason ?? "", /needs 1200 s to admit a host that is well/);
  });

  test("the health check against its deadline", () => {
    const asked = { ...release, run: { ...release.run, health: { ...health, stableMs: 60_000 } } };
    assert.match(
      only(inputOf(three, { release: asked }))?.reason ?? "",
      /needs 62 s at best, and its deadline is 60 s/,
    );
  });

  test("what nobody tells is said", () => {
    const untold = warned({ timings: [{ balancer: "haproxy hello", untold: "no answer" }] });
    assert.deepEqual(untold, ["Could not check the timers of haproxy hello: no answer"]);
    const [words = ""] = warned({ timings: [{ ...timing, checkIntervalMs: undefined } as never] });
    assert.match(words, /does not tell how often it checks/);
  });
});

test("the expected duration is that of the parts: pulls once, a batch each, the bake of today", () => {
  const past = [{ strategy: "rolling" as const, batchMs: [4_000, 5_000, 6_000], prepareMs: 10_000, verifyMs: 3_000 }];
  const asked = (bakeMs: number) => released({ rollout: { ...defaultEnvironment.rollout, bakeMs } });
  const seconds = (sights: readonly HostSight[], bakeMs = 0) =>
    makePlan(inputOf(sights, { past, release: asked(bakeMs) })).expectedSeconds;
  assert.equal(seconds(three), 15);
  assert.equal(seconds([{ ...inService("web-1"), imagePresent: false }, inService("web-2")]), 20);
  assert.equal(seconds(three, 60_000), 195);
  assert.equal(makePlan(inputOf(three)).expectedSeconds, undefined);
});
