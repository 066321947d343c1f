import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { failedHosts } from "#contract/rollout-words.ts";
import type { BundleShape, RolloutDetail } from "#contract/shapes.ts";
import type { HelloWish } from "../../demo/hello.ts";
import { localTraffic } from "../../demo/local-scene.ts";
import { type LocalStage, localStage } from "../../demo/local-stage.ts";
import type { ServerProcess } from "../../demo/server-process.ts";
import type { TrafficTotal } from "../../demo/traffic.ts";
import {
  commitVersion,
  get,
  hostsOf,
  liveRelease,
  openRollout,
  pausedRollout,
  rolloutEnded,
  steer,
} from "./operator.ts";

const rolloutOf = (wish: Record<string, unknown>): Pick<HelloWish, "settings"> => ({
  settings: [[["environments", "integration", "rollout"], wish]],
});

/** What a person finds in the bundle of a host whose program answered its health check with 503. */
const bundleWords: readonly (readonly [string, RegExp])[] = [
  ["the failure", /# Failure\n\nrollout \d+, hello r3 \([0-9a-f]{40}\) on web-\d\ncheck\.unhealthy: /],
  ["the program's own words", /# The program's last lines\n\n.*\w/],
  ["what the health check said", /# Health check\n\nGET \/healthz at port \d+: 503 after \d+ ms/],
  ["what the balancer has", /# Balancers\n\n.* has web-\d.* in flight/],
  ["what is different", /# Difference to a healthy host\n\nrelease: r3 here, r2 on web-\d\nimage: /],
  ["what the engine says", /"RestartPolicy"/],
];

/** Every strategy on real parts, with users asking all the while: none of them may notice. */
describe("the strategies under traffic", { timeout: 420_000 }, () => {
  let stage: LocalStage;
  let server: ServerProcess;

  before(async () => {
    stage = await localStage(() => {}, { hasSecondPlaces: true });
    server = await stage.startServer();
    await commitVersion(stage, 1);
    await liveRelease(server, 1);
  });
  after(() => stage[Symbol.asyncDispose]());

  const underTraffic = async (act: () => Promise<RolloutDetail>) => {
    const users = localTraffic(stage.front);
    try {
      return { detail: await act(), count: await users.total() };
    } finally {
      await users.stop();
    }
  };
  const assertUnnoticed = ({ requests, failed, cut }: TrafficTotal) => {
    assert.ok(requests > 100, `${requests} requests`);
    assert.deepEqual({ failed, cut }, { failed: 0, cut: 0 });
  };

  it("blue-green: starts beside, switches once, stops the old at the end", async () => {
    const { detail, count } = await underTraffic(async () => {
      await commitVersion(stage, 2, rolloutOf({ strategy: "blue-green", bake: "1s" }));
      return liveRelease(server, 2);
    });
    assertUnnoticed(count);
    assert.equal(detail.rollout.plan?.strategy, "blue-green");
    assert.equal(detail.rollout.plan?.batches[0]?.inServiceMeanwhile, 3);
    assert.ok(detail.timeline.some(({ step, phase }) => step === "switch" && phase === "succeeded"));
    await hostsOf(server, 2);
  });

  it("blue-green: a release that is never healthy serves nobody and leaves the old in place", async () => {
    const { detail, count } = await underTraffic(async () => {
      await commitVersion(stage, 3, { breakHealth: true, ...rolloutOf({ strategy: "blue-green" }) });
      return rolloutEnded(server, (await openRollout(server, 3)).id);
    });
    assert.equal(detail.rollout.state, "failed");
    assertUnnoticed(count);
    await hostsOf(server, 2);
    const [host = ""] = failedHosts(detail.timeline);
    const { text } = await get<BundleShape>(server, `/api/rollouts/${detail.rollout.id}/bundles/${host}`);
    for (const [what, words] of bundleWords) assert.match(text, words, `the bundle holds ${what}`);
  });

  it("canary: one host proves it by its answers at the balancer, then the others follow", async () => {
    const { detail, count } = await underTraffic(async () => {
      const commands = [{ name: "the first host", run: '[ "$SLIPWAY_HOSTS" = web-1 ]' }];
      const canary = { bake: "3s", min_requests: 5, max_error_rate: "1%", commands };
      await commitVersion(stage, 4, rolloutOf({ strategy: "canary", batch: 2, canary }));
      return liveRelease(server, 4);
    });
    assertUnnoticed(count);
    assert.deepEqual(
      detail.rollout.plan?.batches.map((batch) => batch.hosts.length),
      [1, 2],
    );
    const said = detail.timeline.filter(({ step, phase }) => step === "canary" && phase === "progress");
    assert.ok(said.some(({ message }) => message === "the first host"));
    assert.match(said.at(-1)?.message ?? "", /0 of \d+ answers failed/);
  });

  it("canary: what nobody could measure pauses, and a person lets it go on", async () => {
    const canary = { bake: "500ms", min_requests: 1_000_000 };
    await commitVersion(stage, 5, rolloutOf({ strategy: "canary", canary }));
    const paused = await pausedRollout(server, 5);
    assert.equal(paused.pause?.why, "not-measured");
    assert.match(paused.pause?.message ?? "", /fewer than 1000000 requests say nothing/);
    await steer(server, paused.id, "continue");
    const { rollout } = await liveRelease(server, 5);
    assert.equal(rollout.state, "succeeded");
  });

  it("pause and ask: the failed host waits out of traffic until a person chooses to put it back", async () => {
    const { detail, count } = await underTraffic(async () => {
      await commitVersion(stage, 6, { breakHealth: true, ...rolloutOf({ on_failure: "pause" }) });
      const paused = await pausedRollout(server, 6);
      assert.deepEqual(paused.pause?.choices, ["retry", "exclude", "put-back", "roll-back", "abort"]);
      await steer(server, paused.id, "retry");
      const again = await pausedRollout(server, 6, paused.pause?.number);
      await steer(server, again.id, "put-back");
      return rolloutEnded(server, again.id);
    });
    assert.equal(detail.rollout.state, "failed", detail.rollout.error?.message);
    assertUnnoticed(count);
    const chosen = detail.timeline.filter(({ step }) => step === "steer").map(({ message }) => message);
    assert.deepEqual(chosen, ["the test chose retry", "the test chose put-back"]);
    await hostsOf(server, 5);
  });

  it("a commit in mid-rollout: the running one ends after its batch, the newer goes on with its hosts", async () => {
    const { detail, count } = await underTraffic(async () => {
      await commitVersion(stage, 7, rolloutOf({ bake: "4s" }));
      const { id } = await openRollout(server, 7);
      await commitVersion(stage, 8);
      const first = await rolloutEnded(server, id);
      assert.equal(first.rollout.state, "superseded", first.rollout.error?.message);
      const visited = new Set(first.timeline.flatMap(({ host }) => host ?? []));
      assert.ok(visited.size < 3, "not every host was visited for a superseded release");
      return liveRelease(server, 8);
    });
    assert.equal(detail.rollout.state, "succeeded");
    assertUnnoticed(count);
    await hostsOf(server, 8);
  });
});
