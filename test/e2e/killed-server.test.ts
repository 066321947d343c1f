import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { localTraffic } from "../../demo/local-scene.ts";
import { type LocalStage, localStage } from "../../demo/local-stage.ts";
import type { ServerProcess } from "../../demo/server-process.ts";
import { commitVersion, hostsOf, liveRelease, openRollout, rolloutEnded, timelineUntil } from "./operator.ts";

/** The rule that matters most: killed at any instant, nothing is lost and nobody notices. */
describe("a server that is killed or told to stop in the middle of a rollout under traffic", {
  timeout: 360_000,
}, () => {
  let stage: LocalStage;
  let server: ServerProcess;

  before(async () => {
    stage = await localStage();
    server = await stage.startServer();
    await commitVersion(stage, 1);
    await liveRelease(server, 1);
  });
  after(() => stage[Symbol.asyncDispose]());

  for (const [version, step, signal] of [
    [2, "replace", "SIGKILL"],
    [3, "drain", "SIGKILL"],
    [4, "check", "SIGKILL"],
    [5, "check", "SIGTERM"],
  ] as const) {
    it(`goes on where it was when it starts again: ${signal} in ${step}`, async () => {
      const users = localTraffic(stage.front);
      try {
        await commitVersion(stage, version);
        const { id } = await openRollout(server, version);
        await timelineUntil(
          server,
          id,
          (event) => event.host === "web-2" && event.step === step && event.phase === "started",
        );
        process.kill(server.pid, signal);
        await server.ended;
        server = await stage.startServer();

        const ended = await rolloutEnded(server, id);
        assert.equal(ended.rollout.state, "succeeded", ended.rollout.error?.message);
        assert.deepEqual(
          (await hostsOf(server, version)).map(({ release, inService }) => [release, inService]),
          [
            [version, true],
            [version, true],
            [version, true],
          ],
        );
        const repeated = ended.timeline.filter(({ attempt, phase }) => attempt > 1 && phase === "started");
        assert.ok(
          repeated.every((event) => event.host === "web-2") && repeated.length <= 1,
          `only the interrupted step is repeated: ${repeated.map((event) => `${event.host} ${event.step}`).join(", ")}`,
        );
        assert.equal(
          ended.rollout.receipt?.hosts.reduce((sum, host) => sum + host.repeated, 0),
          repeated.length,
        );
      } finally {
        const total = await users.total();
        await users.stop();
        assert.ok(total.requests > 100, `users sent ${total.requests} requests`);
        assert.deepEqual([total.failed, total.cut], [0, 0]);
      }
    });
  }
});
