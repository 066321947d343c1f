import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { localTraffic } from "../../demo/local-scene.ts";
import { type LocalStage, localStage } from "../../demo/local-stage.ts";
import type { ServerProcess } from "../../demo/server-process.ts";
import { commitVersion, liveRelease } from "./operator.ts";

/** A receipt that cannot show a failure proves nothing. */
describe("the receipt", { timeout: 180_000 }, () => {
  let stage: LocalStage;
  let server: ServerProcess;

  before(async () => {
    stage = await localStage();
    server = await stage.startServer();
    await commitVersion(stage, 1);
    await liveRelease(server, 1);
  });
  after(() => stage[Symbol.asyncDispose]());

  it("counts no failed request when hosts are drained, and every request when they are not", async () => {
    await using stack = new AsyncDisposableStack();
    const users = localTraffic(stage.front);
    stack.defer(() => users.stop());
    await commitVersion(stage, 2);
    const drained = (await liveRelease(server, 2)).rollout.receipt;
    assert.ok((drained?.prober?.requests ?? 0) > 100, `the prober sent ${drained?.prober?.requests}`);
    assert.deepEqual([drained?.prober?.failed, drained?.prober?.cut], [0, 0]);
    assert.deepEqual([drained?.balancers?.failed, drained?.balancers?.cut], [0, 0]);
    assert.ok(
      (drained?.balancers?.requests ?? 0) > (drained?.prober?.requests ?? 0),
      "the balancer counts the users too",
    );
    assert.ok((drained?.longestDrainMs ?? 0) > 0);
    for (const host of drained?.hosts ?? [])
      assert.deepEqual(Object.keys(host.stepsMs).sort(), ["admit", "check", "drain", "replace"]);

    const noDrain = [[["environments", "integration", "rollout", "drain"], false]] as const;
    await commitVersion(stage, 3, { settings: noDrain });
    const undrained = (await liveRelease(server, 3)).rollout.receipt;
    const seen = { prober: undrained?.prober, balancers: undrained?.balancers };
    assert.ok((seen.prober?.failed ?? 0) + (seen.prober?.cut ?? 0) > 0, JSON.stringify(seen));
    assert.ok((seen.balancers?.failed ?? 0) + (seen.balancers?.cut ?? 0) > 0, JSON.stringify(seen));
  });
});
