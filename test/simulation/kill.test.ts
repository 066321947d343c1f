import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KillPoint } from "#engine/memory-engine.ts";
import { exitingProgram, unhealthyProgram } from "#simulator/program.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

const placeOf = ({ run, step, when }: KillPoint) => `${when} "${step}" of ${run}`;

/** Every point that an undisturbed run passes, so that the same run can be killed at each of them. */
async function pointsOf(options: SimulationOptions): Promise<KillPoint[]> {
  const simulation = new Simulation(options);
  await simulation.run();
  return simulation.points;
}

async function killAt(at: number, options: SimulationOptions) {
  let passed = 0;
  const simulation = new Simulation({ ...options, kill: () => passed++ === at });
  return { simulation, ended: await simulation.run() };
}

describe("a server that is killed at any point of a rollout and started again", () => {
  it("finishes a good rollout on every host, without a failed request", async () => {
    const points = await pointsOf({});
    assert.ok(points.length >= 80, `a rollout of four hosts has many points; found ${points.length}`);
    for (const [index, point] of points.entries()) {
      const { simulation, ended } = await killAt(index, {});
      assert.equal(simulation.deaths, 1, `was killed ${placeOf(point)}`);
      assert.equal(ended.state, "succeeded", `${placeOf(point)}: ${ended.error?.message}`);
      assert.deepEqual(simulation.violations, [], placeOf(point));
      assert.deepEqual([...simulation.watch.holds.values()], [], placeOf(point));
    }
  });

  it("puts a bad rollout back on every host it touched, without a failed request", async () => {
    for (const program of [unhealthyProgram, exitingProgram]) {
      for (const [index, point] of (await pointsOf({ program })).entries()) {
        const { simulation, ended } = await killAt(index, { program });
        assert.equal(ended.state, "failed", placeOf(point));
        assert.deepEqual(simulation.violations, [], placeOf(point));
        assert.ok([...simulation.fleet.hosts.values()].every((host) => host.running()?.sight.release === 1));
      }
    }
  });

  it("repeats only the step it was in", async () => {
    const at = (await pointsOf({})).findIndex(
      ({ run, step, when }) => run.includes("web-2") && step.includes("replace") && when === "after",
    );
    const { simulation, ended } = await killAt(at, {});
    const timeline = await simulation.records.timeline.of(ended.id);
    const repeated = timeline.filter((event) => event.attempt > 1 && event.phase === "started");
    assert.deepEqual(
      repeated.map(({ host, step }) => `${host} ${step}`),
      ["web-2 replace"],
    );
  });
});
