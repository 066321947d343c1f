import assert from "node:assert/strict";
import { test } from "node:test";
import type { NoticeEvent } from "#core/fleet.ts";
import type { TimelineEvent } from "#core/rollout.ts";
import { MemoryEngine } from "#engine/memory-engine.ts";
import { postNotice } from "./announce.ts";
import { bundleId } from "./keep-bundle.ts";
import type { World } from "./world.ts";

const rollout = {
  id: "a-b",
  number: 7,
  service: "hello",
  environment: "production",
  release: 2,
  by: "ben",
  error: { code: "check.unhealthy", message: "/healthz says 503.", advice: "" },
};
const failed = (host: string): Partial<TimelineEvent> => ({
  host,
  step: "check",
  phase: "failed",
  direction: "forward",
});

/** What a chat room reads of that event, where the bundles of those hosts were kept. */
async function told(event: NoticeEvent, bundles: readonly string[]): Promise<string> {
  const texts: string[] = [];
  const kept = bundles.map((host) => bundleId(rollout.id, host));
  const world = {
    fleet: () => ({ notify: [{ kind: "webhook", url: "http://chat", signingSecret: { secret: "KEY" }, on: [event] }] }),
    secrets: { reveal: async () => undefined },
    rollouts: { get: async () => rollout },
    releases: { get: async () => undefined },
    timeline: {
      append: async () => {},
      of: async () => [{ step: "plan", phase: "failed" }, failed("web-1"), failed("web 2")],
    },
    logs: { read: async (id: string) => (kept.includes(id) ? [{}] : []) },
    rolloutUrl: (id: string) => `http://slipway/#/rollouts/${id}`,
    clock: { now: () => 0 },
    notices: { post: async (_: unknown, { text }: { text: string }) => void texts.push(text) },
  } as unknown as World;
  const engine = new MemoryEngine({ workflows: [postNotice(world)] });
  await engine.start(postNotice(world), "one", { rolloutId: rollout.id, event, channel: 0 });
  await engine.result("one");
  return texts.join("\n");
}

test("the notice of a failure links the bundle that was kept of the host that failed", async () => {
  const text = "hello r2 failed on production and was put back. /healthz says 503.";
  assert.equal(
    await told("put-back", ["web-1", "web 2"]),
    `${text} Bundle: http://slipway/#/rollouts/a-b?bundle=web-1`,
  );
  assert.equal(await told("put-back", ["web 2"]), `${text} Bundle: http://slipway/#/rollouts/a-b?bundle=web%202`);
  assert.equal(await told("put-back", []), text);
  assert.match(await told("paused", ["web-1"]), /Bundle: /);
  assert.doesNotMatch(await told("succeeded", ["web-1"]), /Bundle: /);
});
