import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { localTraffic } from "../../demo/local-scene.ts";
import { type LocalStage, localStage } from "../../demo/local-stage.ts";
import type { ServerProcess } from "../../demo/server-process.ts";
import { type ChatRoom, chatRoom } from "./chat-room.ts";
import { commitVersion, hostsOf, liveRelease, openRollout, rolloutEnded, timelineUntil, until } from "./operator.ts";

/** The rule that matters most: killed at any instant, nothing is lost and nobody notices. */
describe("a server that is killed or told to stop in the middle of a rollout under traffic", {
  timeout: 360_000,
}, () => {
  let stage: LocalStage;
  let server: ServerProcess;
  let chat: ChatRoom;
  const ids: string[] = [];
  const start = () => stage.startServer(["--public-url", "https://slipway.example.com/"]);

  before(async () => {
    stage = await localStage();
    chat = await chatRoom();
    await appendFile(stage.fleet, `notify: [{ slack: { webhook: ${JSON.stringify(chat.url)} } }]\n`);
    server = await start();
    await commitVersion(stage, 1);
    await liveRelease(server, 1);
  });
  after(async () => {
    await stage?.[Symbol.asyncDispose]();
    await chat?.[Symbol.asyncDispose]();
  });

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
        ids.push(id);
        await timelineUntil(
          server,
          id,
          (event) => event.host === "web-2" && event.step === step && event.phase === "started",
        );
        process.kill(server.pid, signal);
        await server.ended;
        server = await start();

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

  it("told the chat room of each rollout's end, and named the page as people reach it", async () => {
    const page = "https://slipway.example.com/#/rollouts/";
    const ends = () => chat.messages.filter(({ text }) => text.includes("is live")).map(({ link }) => link);
    await until("the last end is told", async () => ends().find((link) => link.endsWith(`/${ids.at(-1)}`)));
    assert.deepEqual(new Set(ends().slice(1)), new Set(ids.map((id) => page + id)));
    const strange = chat.messages.filter(({ link }) => !link.startsWith(page));
    assert.deepEqual(strange, []);
  });
});
