import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutDetail } from "../../src/contract/shapes.ts";
import { labRules, type Seen } from "./lab-rules.ts";
import { landingOf } from "./landing.ts";

const at = (second: number) => new Date(1_700_000_000_000 + second * 1_000).toISOString();
const hosts = ["web-1", "web-2", "web-3", "web-4"];
const runs = (release: number) => Object.fromEntries(hosts.map((host) => [host, release]));
const event = (second: number, host: string, step: string, phase: string, attempt = 1) => ({
  at: at(second),
  host,
  step,
  phase,
  attempt,
  direction: "forward",
});

const timeline = [
  event(1, "web-1", "drain", "started"),
  event(3, "web-1", "replace", "started"),
  event(4, "web-1", "replace", "started", 2),
  event(6, "web-1", "check", "succeeded"),
  event(7, "web-1", "admit", "succeeded"),
];
const detailOf = (events: readonly object[], rollout: object = {}) =>
  ({ rollout: { id: "r", state: "succeeded", release: 2, ...rollout }, timeline: events }) as RolloutDetail;

const out = (host: string) => hosts.filter((name) => name !== host);
const good: Seen = {
  of: { journey: "rollout" },
  ended: detailOf(timeline),
  before: { runs: runs(1), up: hosts, silences: [] },
  watched: {
    sights: [{ at: at(5), up: out("web-1") }],
    silencedBy: ["slipway r alertmanager"],
    lostOn: { "web-1": 0 },
  },
  after: { runs: runs(2), up: hosts, silences: [] },
  holds: [],
  claimed: hosts.map((name) => ({ name, release: 2, inService: true })),
};

test("a rollout after which the world is as Slipway says breaks no rule of the lab", () => {
  assert.deepEqual(labRules(good), []);
});

const breaks: Readonly<Record<string, [Partial<Seen>, RegExp]>> = {
  "an engine that still runs the old release": [
    { after: { ...good.after, runs: { ...runs(2), "web-3": 1 } } },
    /the engine of web-3 runs 1, expected 2/,
  ],
  "two hosts that HAProxy gave nothing at once": [
    { watched: { ...good.watched, sights: [{ at: at(5), up: ["web-3", "web-4"] }] } },
    /web-1 and web-2 had no traffic from HAProxy together/,
  ],
  "a host that HAProxy gave requests before its verdict": [
    { watched: { ...good.watched, sights: [{ at: at(5), up: hosts }] } },
    /web-1 had traffic from HAProxy/,
  ],
  "a silence that stays in the Alertmanager": [
    { after: { ...good.after, silences: ["slipway r alertmanager"] } },
    /still has a silence of slipway r alertmanager/,
  ],
  "alerts that were never silenced": [{ watched: { ...good.watched, silencedBy: [] } }, /never had a silence/],
  "requests that HAProxy lost": [
    { watched: { ...good.watched, lostOn: { "web-1": 2 } } },
    /HAProxy lost 2 requests on web-1/,
  ],
  "a host that stays out": [{ after: { ...good.after, up: out("web-2") } }, /web-2 gets no traffic from HAProxy/],
  "a balancer that was never looked at": [{ watched: { ...good.watched, sights: [] } }, /HAProxy was never seen/],
  "another end": [{ ended: detailOf(timeline, { state: "stuck" }) }, /it stuck/],
  "a put back that blames another host": [
    { of: { journey: "put-back", badOn: "web-3" }, ended: detailOf([], { state: "failed", error: { host: "web-1" } }) },
    /it names web-1, and web-3 was bad/,
  ],
  "two steps that were repeated": [
    { ended: detailOf([...timeline, event(8, "web-2", "drain", "started", 2)]) },
    /repeated: web-1 replace, web-2 drain/,
  ],
};

for (const [what, [change, words]] of Object.entries(breaks))
  test(`the lab's rules see ${what}`, () => {
    assert.match(labRules({ ...good, ...change }).join("\n"), words);
  });

test("a kill after the end of the rollout is missed; one before is told by the act that it met", () => {
  const ended = detailOf(timeline, { endedAt: at(9) });
  assert.deepEqual(landingOf(ended, at(10)), { killed: "after its end", isMissed: true });
  assert.deepEqual(landingOf(ended, at(3.5)), { killed: "in forward web-1 replace", isMissed: false });
  assert.deepEqual(landingOf(ended, at(6.5)), { killed: "after forward web-1 check", isMissed: false });
});
