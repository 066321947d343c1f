import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KillPoint } from "#engine/memory-engine.ts";
import { Simulation, type SimulationOptions } from "#test/fakes/simulation.ts";

const placeOf = ({ run, step, when }: KillPoint) => `${when} "${step}" of ${run}`;

/** Every point that an undisturbed run passes, so that the same run can be killed at each of them. */
async function pointsOf(options: SimulationOptions): Promise<KillPoint[]> {
  const simulation = new Simulation(options);
  await simulation.run();
  return simulation.points;
}

async function killAt(point: KillPoint, options: SimulationOptions) {
  const isHere = (other: KillPoint) => placeOf(other) === placeOf(point);
  const simulation = new Simulation({ ...options, kill: (other, deaths) => deaths === 0 && isHere(other) });
  const ended = await simulation.run();
  return { simulation, ended };
}

describe("a server that is killed at any point of a rollout and started again", () => {
  it("finishes a good rollout on every host, without a failed request", async () => {
    const points = await pointsOf({});
    assert.ok(points.length >= 80, `a rollout of four hosts has many points; found ${points.length}`);
    for (const point of points) {
      const { simulation, ended } = await killAt(point, {});
      const { fleet } = simulation;
      assert.equal(simulation.deaths, 1, `was killed ${placeOf(point)}`);
      assert.equal(ended.state, "succeeded", `${placeOf(point)}: ${ended.error?.message}`);
      assert.deepEqual(
        [...fleet.hosts.keys()].map((name) => fleet.runningRelease(name)),
        [2, 2, 2, 2],
        placeOf(point),
      );
      assert.equal(fleet.inService().length, 4, placeOf(point));
      assert.equal(fleet.failedRequests, 0, placeOf(point));
      assert.ok(fleet.leastInService >= 3, `${placeOf(point)}: ${fleet.leastInService} in service`);
      assert.deepEqual(fleet.violations, [], placeOf(point));
      assert.deepEqual(await simulation.records.holds.all(), [], placeOf(point));
    }
  });

  it("puts a bad rollout back on every host it touched, without a failed request", async () => {
    for (const behaviour of ["unhealthy", "exits"] as const) {
      for (const point of await pointsOf({ behaviour })) {
        const { simulation, ended } = await killAt(point, { behaviour });
        const { fleet } = simulation;
        assert.equal(ended.state, "failed", placeOf(point));
        assert.deepEqual(
          [...fleet.hosts.keys()].map((name) => fleet.runningRelease(name)),
          [1, 1, 1, 1],
          placeOf(point),
        );
        assert.equal(fleet.inService().length, 4, placeOf(point));
        assert.equal(fleet.failedRequests, 0, placeOf(point));
        assert.ok(fleet.leastInService >= 3, placeOf(point));
        assert.deepEqual(fleet.violations, [], placeOf(point));
      }
    }
  });

  it("repeats only the step it was in", async () => {
    const point = (await pointsOf({})).find(
      ({ run, step, when }) => run.includes("web-2") && step.includes("replace") && when === "after",
    );
    assert.ok(point);
    const { simulation, ended } = await killAt(point, {});
    const timeline = await simulation.records.timeline.of(ended.id);
    const repeated = timeline.filter((event) => event.attempt > 1 && event.phase === "started");
    assert.deepEqual(
      repeated.map(({ host, step }) => `${host} ${step}`),
      ["web-2 replace"],
    );
  });
});
