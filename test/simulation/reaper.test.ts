import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Reaper } from "#app/reaper.ts";
import { leaseMs } from "#workflows/leases.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

const group = { kind: "simulated", name: "web" } as const;
const holds: NonNullable<SimulationOptions["holds"]> = {
  alerts: [{ kind: "command", name: "pager", hold: ["x"], release: ["y"], timeoutMs: 1_000 }],
  autoscaling: [group],
};

/** A rollout of four hosts whose server dies at that point of it, and for good. */
async function diedAt(point: number): Promise<Simulation> {
  let passed = 0;
  const simulation = new Simulation({ holds, restartMs: "never", kill: () => passed++ === point });
  simulation.autoscaling.suspendByHand("web", "Terminate");
  await simulation.run();
  return simulation;
}

/** What the next server's reaper does, at once and after every lease has ended. */
async function reap(simulation: Simulation): Promise<void> {
  const { world, engine } = simulation.successor();
  const reaper = new Reaper(world, engine, () => {});
  const looking = (async () => {
    await reaper.look();
    await simulation.clock.sleep(2 * leaseMs, AbortSignal.timeout(60_000));
    await reaper.look();
  })();
  await simulation.clock.run();
  await looking;
}

describe("a rollout whose server died for good", () => {
  it("leaves nothing off: the next server gives back its lock, its silence and the autoscaling", async () => {
    const { points } = await diedAt(Number.POSITIVE_INFINITY);
    assert.ok(points.length > 60, `a rollout has many points; found ${points.length}`);
    let held = 0;
    for (let point = 0; point < points.length; point++) {
      const simulation = await diedAt(point);
      const where = `died at point ${point}, ${points[point]?.step}`;
      held += simulation.alerts.silentFor.size;
      await reap(simulation);
      const left = await simulation.records.holds.all();
      assert.deepEqual(
        left.filter(({ kind }) => kind !== "drain").map(({ id }) => id),
        [],
        where,
      );
      assert.deepEqual([...simulation.alerts.silentFor], [], where);
      assert.deepEqual(
        simulation.autoscaling.suspended("web"),
        ["Terminate"],
        `what a person suspended stays; ${where}`,
      );
    }
    assert.ok(held > 40, `most of them died while something was silent; ${held} did`);
  });
});
