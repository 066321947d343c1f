import type {
  BuildShape,
  ErrorShape,
  Overview,
  PlanShape,
  ReadinessShape,
  ReleaseShape,
  RolloutDetail,
} from "#contract/shapes.ts";
import { failedBuild, failedLog, runningBuild } from "./fixture-builds.ts";
import { TimelineWriter } from "./fixture-timelines.ts";
import { ago, build, commitOf, group, host, overview, receipt, releases, rollout } from "./fixture-values.ts";

/** Everything the API answers with, at one moment of an installation. */
export type Fixture = {
  overview: Overview;
  builds: Record<string, BuildShape>;
  rollouts: Record<string, RolloutDetail>;
  releases: ReleaseShape[];
  logs: Record<string, { texts: string[]; ended: boolean }>;
  /** What a deploy would do; without it every host is released, one after the other. */
  plan?: PlanShape;
  /** Without it every host holds the image of release 5. */
  readiness?: ReadinessShape;
};

const names = ["web-1", "web-2", "web-3"];
export const secondsAgo = (seconds: number) => Date.parse(ago(seconds));

export const stillBroken: ErrorShape = {
  code: "check.unhealthy",
  message:
    "Release 7 did not become healthy on web-1 within 30 s: /healthz says 503 no database: connect ECONNREFUSED 10.0.1.9:5432.",
  advice: "Read the application's own last lines below, repair it, and push: the old release serves meanwhile.",
  host: "web-1",
  lastLines:
    '{"level":"info","msg":"hello 7 listens on 8080"}\n\u001b[31mError\u001b[0m: connect ECONNREFUSED 10.0.1.9:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)\n{"level":"error","msg":"no database, answering 503"}',
};

function rollingDetail(): RolloutDetail {
  const {
    receipt: _,
    endedAt: _end,
    ...open
  } = rollout(12, 8, { state: "running", startedAt: ago(17.5), createdAt: ago(18) });
  const forward = { host: "web-2", direction: "forward" as const };
  const writer = new TimelineWriter(open.id, secondsAgo(17.5)).beginning(names).releaseHost("web-1");
  writer.act("drain", 700, forward).act("replace", 1_300, { ...forward, message: "starting release 8" });
  writer.say({ ...forward, step: "check", phase: "started" }).wait(300);
  writer.say({ ...forward, step: "check", phase: "progress", message: "/healthz says 200 ok; 2 good in a row" });
  return {
    rollout: open,
    commit: commitOf(8),
    hosts: names,
    timeline: writer.events,
    traffic: { requests: 861, failed: 0, cut: 0 },
  };
}

function failedDetail(): RolloutDetail {
  const forward = { host: "web-1", direction: "forward" as const };
  const back = { host: "web-1", direction: "back" as const };
  const writer = new TimelineWriter("rollout-11", secondsAgo(5_000)).beginning(names);
  writer.act("drain", 620, forward).act("replace", 1_400, forward);
  writer.say({ ...forward, step: "check", phase: "started" }).wait(4_000);
  writer.say({ ...forward, step: "check", phase: "started", attempt: 2 }).wait(11_000);
  writer.fail("check", forward, stillBroken).wait(100);
  writer.act("drain", 90, back).act("replace", 1_900, { ...back, message: "starting hello-r6 again" });
  writer
    .act("check", 2_600, back)
    .act("admit", 700, { ...back, message: "edge: UP after L7OK" })
    .act("bake", 300, back);
  writer.act("finish", 60).say({ step: "announce", phase: "succeeded", message: "put-back: slack was told" });
  const endedAt = writer.events.at(-1)?.at ?? ago(0);
  return {
    rollout: rollout(11, 7, {
      state: "failed",
      error: stillBroken,
      startedAt: ago(5_000),
      createdAt: ago(5_001),
      endedAt,
      receipt: receipt(7, {
        rollout: 11,
        outcome: "failed",
        seconds: 25.8,
        prober: { requests: 2_577, failed: 0, cut: 0 },
        longestDrainMs: 620,
        hosts: [
          {
            host: "web-1",
            outcome: "put-back",
            stepsMs: { drain: 620, replace: 1_400, check: 15_000 },
            putBackMs: 5_590,
            repeated: 1,
          },
          { host: "web-2", outcome: "untouched", stepsMs: {}, repeated: 0 },
          { host: "web-3", outcome: "untouched", stepsMs: {}, repeated: 0 },
        ],
      }),
    }),
    commit: commitOf(7),
    hosts: names,
    timeline: writer.events,
    traffic: { requests: 2_577, failed: 0, cut: 0 },
  };
}

function doneDetail(): RolloutDetail {
  const writer = new TimelineWriter("rollout-10", secondsAgo(43_700)).beginning(names);
  for (const name of names) writer.releaseHost(name);
  writer.act("finish", 60);
  const endedAt = writer.events.at(-1)?.at ?? ago(0);
  const done = rollout(10, 6, {
    startedAt: ago(43_700),
    createdAt: ago(43_702),
    endedAt,
    receipt: receipt(6, { rollout: 10, seconds: 34.3, commitToLiveSeconds: 61.8 }),
  });
  return {
    rollout: done,
    commit: commitOf(6),
    hosts: names,
    timeline: writer.events,
    traffic: { requests: 1_204, failed: 0, cut: 0 },
  };
}

function approvalDetail(): RolloutDetail {
  const {
    receipt: _,
    endedAt: _end,
    ...open
  } = rollout(13, 8, { environment: "staging", state: "running", createdAt: ago(1_900), startedAt: ago(1_900) });
  const writer = new TimelineWriter(open.id, secondsAgo(1_900)).act("plan", 400);
  writer.say({ step: "approve", phase: "started", message: "waits for a person: slipway approve 13" });
  return { rollout: open, commit: commitOf(8), hosts: names, timeline: writer.events };
}

export const keyed = <T>(items: readonly T[], id: (item: T) => string): Record<string, T> =>
  Object.fromEntries(items.map((item) => [id(item), item]));

/** In the middle of a rollout, with one behind it that was put back, a failed build and a source that is away. */
export function busyFixture(): Fixture {
  const details = [rollingDetail(), failedDetail(), doneDetail(), approvalDetail()];
  const builds = [runningBuild, failedBuild, build(8), build(7), build(6), build(5), build(4), build(3)];
  const [rolling, failed, done, approval] = details.map((detail) => detail.rollout);
  const production = group("production", 6, {
    hosts: [host("web-1", 8), host("web-2", 6, { inService: false, balancerState: "draining" }), host("web-3", 6)],
    liveSince: ago(43_600),
    ...(rolling ? { rollout: rolling } : {}),
    ...(failed ? { lastRollout: failed } : {}),
  });
  const staging = group("staging", 7, {
    hosts: [
      host("stage-1", 7),
      host("stage-2", 7, {
        inService: false,
        balancerState: "down (L4TOUT)",
        problem: "Could not reach stage-2 over SSH: no route to host.",
      }),
      { name: "stage-3", address: "10.0.2.13" },
    ],
    ...(approval ? { rollout: approval } : {}),
  });
  return {
    overview: overview({
      environments: [
        { name: "production", network: "private", groups: [production] },
        { name: "staging", network: "private", groups: [staging] },
      ],
      sources: [
        {
          name: "hello",
          git: "https://github.com/acme/hello.git",
          branches: ["main", "feature/*"],
          pollMs: 30_000,
          lastSeenAt: ago(12),
          nextPollAt: ago(-18),
          failures: 0,
        },
        {
          name: "billing",
          git: "git@git.example.com:acme/billing.git",
          branches: ["main"],
          pollMs: 30_000,
          lastSeenAt: ago(900),
          nextPollAt: ago(-212),
          failures: 4,
          error:
            "git ls-remote of git@git.example.com:acme/billing.git ended with exit code 128: Permission denied (publickey).",
        },
      ],
      builds,
      rollouts: [rolling, approval, failed, done, rollout(9, 5), rollout(8, 4), rollout(7, 3), rollout(6, 2)].filter(
        (each) => each !== undefined,
      ),
    }),
    builds: keyed(builds, ({ id }) => id),
    rollouts: keyed(details, (detail) => detail.rollout.id),
    releases: releases(8),
    logs: {
      "build-10": {
        texts: ["== check out of hello\n\n== dependencies\nadded 214 packages in 7 s\n\n== unit tests\n"],
        ended: false,
      },
      "build-9": { texts: [failedLog], ended: true },
    },
  };
}

/** Nothing moves; all is well. */
export function idleFixture(): Fixture {
  const busy = busyFixture();
  const done = doneDetail();
  return {
    ...busy,
    overview: overview({
      environments: [
        { name: "production", network: "private", groups: [group("production", 6, { lastRollout: done.rollout })] },
      ],
      sources: busy.overview.sources.slice(0, 1),
      builds: [build(6), build(5), build(4)],
      rollouts: [done.rollout, rollout(9, 5), rollout(8, 4)],
    }),
  };
}

/** Just installed: nothing is in fleet.yaml, nothing was ever built. */
export const emptyFixture = (): Fixture => ({
  overview: overview(),
  builds: {},
  rollouts: {},
  releases: [],
  logs: {},
});
