import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Simulation, type SimulationOptions } from "./simulation.ts";

const names = [1, 2, 3, 4].map((number) => `web-${number}`);
const switchOff = ({ fleet, watch }: Simulation): void => {
  const [front] = fleet.balancers;
  front?.server("web-1-green").tell("maintenance", "theirs");
  watch.othersOff.add(`${front?.name}/web-1-green`);
};

async function play(options: SimulationOptions, prepare: (simulation: Simulation) => void = () => {}) {
  const simulation = new Simulation({ hasSecondPlaces: true, ...options });
  prepare(simulation);
  await simulation.run();
  const [front] = simulation.fleet.balancers;
  const serving = [...names, ...names.map((name) => `${name}-green`)].filter((name) => front?.server(name).isIn);
  assert.deepEqual(simulation.violations, []);
  return { ...simulation.rollouts[0], serving, place: front?.server("web-1-green").admin };
}

describe("a place that a blue-green rollout would switch to, and that somebody has in maintenance", () => {
  it("refuses the plan", async () => {
    const { state, error, serving } = await play({ rollout: { strategy: "blue-green" } }, switchOff);
    assert.deepEqual([state, error?.code, serving], ["refused", "plan.refused", names]);
    assert.match(error?.message ?? "", /web-1-green is in maintenance at front-1 hello, and Slipway did not do that/);
  });

  it("ends the rollout before any old place is drained, where it was set while the new ones were prepared", async () => {
    const happenings = [{ atMs: 1_000, act: switchOff }];
    const { state, error, serving, place } = await play({ rollout: { strategy: "blue-green" }, happenings });
    assert.deepEqual([state, serving, place], ["failed", names, "maintenance"]);
    assert.deepEqual(error, {
      code: "balancer.not-admitted",
      message: "web-1-green is in maintenance at front-1 hello, which is not our doing: web-1 goes on serving.",
      advice: "Let it serve (`set server hello/web-1-green state ready`).",
      host: "web-1",
    });
  });

  it("is left as its owner wants it, where it was set after the switch", async () => {
    const happenings = [{ atMs: 3_000, act: switchOff }];
    const { state, serving, place } = await play({ rollout: { strategy: "blue-green" }, happenings });
    const others = ["web-2-green", "web-3-green", "web-4-green"];
    assert.deepEqual([state, serving, place], ["succeeded", others, "maintenance"]);
  });
});
