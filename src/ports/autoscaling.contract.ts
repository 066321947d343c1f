import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AutoscalingSpec } from "#core/fleet.ts";
import type { Autoscaling } from "./autoscaling.ts";

export type AutoscalingHarness = {
  readonly autoscaling: Autoscaling;
  readonly group: AutoscalingSpec;
  /** As a person would, past the port. */
  suspendByHand(process: string): Promise<void>;
  /** Two processes that a rollout needs still. */
  readonly processes: readonly [string, string];
};

const limit = () => AbortSignal.timeout(20_000);

/** What every autoscaling must do. `open` is called once per test and gives a group of which nothing is suspended. */
export function autoscalingContract(name: string, open: () => AutoscalingHarness | Promise<AutoscalingHarness>): void {
  describe(`${name} holds still for a rollout`, () => {
    test("what is suspended is resumed, also when either is asked for twice", async () => {
      const { autoscaling, group, processes } = await open();
      assert.deepEqual(await autoscaling.suspended(group, limit()), []);
      for (let time = 0; time < 2; time++) await autoscaling.suspend(group, limit());
      const during = await autoscaling.suspended(group, limit());
      for (const process of processes) assert.ok(during.includes(process), process);
      for (let time = 0; time < 2; time++) await autoscaling.resume(group, [], limit());
      assert.deepEqual(await autoscaling.suspended(group, limit()), []);
    });

    test("what a person had suspended before stays suspended", async () => {
      const { autoscaling, group, processes, suspendByHand } = await open();
      await suspendByHand(processes[0]);
      const before = await autoscaling.suspended(group, limit());
      assert.deepEqual(before, [processes[0]]);
      await autoscaling.suspend(group, limit());
      await autoscaling.resume(group, before, limit());
      assert.deepEqual(await autoscaling.suspended(group, limit()), [processes[0]]);
    });

    test("an aborted call rejects with the reason", async () => {
      const { autoscaling, group } = await open();
      const ended = AbortSignal.abort(new Error("the server stops"));
      await assert.rejects(autoscaling.suspend(group, ended), /the server stops/);
    });
  });
}
