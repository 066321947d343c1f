import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ServiceGroup } from "#core/fleet.ts";
import type { Rollout, RolloutReason } from "#core/rollout.ts";
import { simulatedRelease, usualRun } from "#simulator/simulated-world.ts";
import { isConfiguredAnew, runEnvFor, secretVersionsFor } from "./configuration-of-then.ts";
import type { World } from "./world.ts";

const run = { ...usualRun, env: { MODE: "now" }, secrets: ["TOKEN", "NEW"] };
const release = { ...simulatedRelease({ number: 6 }), number: 6, run, createdAt: "2026-01-01T00:00:00.000Z" };
const group = { env: { REGION: "now" } } as unknown as ServiceGroup;
const then = { runEnv: { MODE: "then", REGION: "then" }, secretVersions: { TOKEN: "v1" } } as unknown as Rollout;
const world = (rollouts: readonly Rollout[]) =>
  ({
    rollouts: { list: async () => rollouts },
    secrets: { keep: async (name: string) => `${name} as it is` },
  }) as unknown as World;
const wish = (reason: RolloutReason) => ({ service: "hello", environment: "production", reason });

describe("the configuration of a rollout", () => {
  it("is that of then where what was live comes again: its variables, and its versions of the secrets", async () => {
    for (const reason of ["rollback", "join", "correct"] as const) {
      assert.deepEqual(await runEnvFor(world([then]), wish(reason), { release, group }), then.runEnv);
      assert.deepEqual(await secretVersionsFor(world([then]), wish(reason), release), {
        TOKEN: "v1",
        // Nobody kept it then.
        NEW: "NEW as it is",
      });
    }
  });

  it("is that of now where it goes forward, or was never live", async () => {
    const now = { MODE: "now", REGION: "now" };
    assert.deepEqual(await runEnvFor(world([then]), wish("deploy"), { release, group }), now);
    assert.deepEqual(await runEnvFor(world([]), wish("rollback"), { release, group }), now);
    assert.deepEqual(await secretVersionsFor(world([then]), wish("commit"), release), {
      TOKEN: "TOKEN as it is",
      NEW: "NEW as it is",
    });
  });

  it("is said to be of now where nobody wrote down what it was", () => {
    assert.equal(isConfiguredAnew(then, { release, group }), false);
    assert.equal(isConfiguredAnew(undefined, { release, group }), true);
    const { secretVersions: _, ...withoutSecrets } = then;
    assert.equal(isConfiguredAnew(withoutSecrets, { release, group }), true);
    const { runEnv: _env, ...withoutVariables } = then;
    assert.equal(isConfiguredAnew(withoutVariables, { release, group }), true);
  });
});
