import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { correct } from "#app/start-rollout.ts";
import { rules } from "./rules.ts";
import { Simulation } from "./simulation.ts";

const place = { service: "hello", environment: "integration", by: "ben" } as const;

/** Release 2 is live; then somebody takes web-1 out at the balancer, and another one asks for a correction. */
async function corrected(wish: { hosts?: string[] }, alsoStopped: string[] = []) {
  const simulation: Simulation = new Simulation({
    hosts: 3,
    rules,
    rollout: { minHealthy: { hosts: 1 } },
    happenings: [
      {
        atMs: 60_000,
        act: async ({ fleet, watch, withServer }) => {
          const [front] = fleet.balancers;
          if (!wish.hosts) watch.othersOff.add(`${front?.name}/web-1`);
          front?.server("web-1").tell("maintenance", "theirs");
          for (const name of alsoStopped)
            for (const { sight } of fleet.host(name).containers.values())
              if (sight.state === "running") fleet.host(name).stop(sight.name, "theirs");
          return withServer.call(simulation, (desk) => correct(desk, { ...place, ...wish }));
        },
      },
    ],
  });
  await simulation.run();
  const [, rollout] = simulation.rollouts;
  const visited = rollout?.plan?.batches.flatMap(({ hosts }) => hosts.map(({ name }) => name));
  const [front] = simulation.fleet.balancers;
  return { simulation, rollout, visited, web1: front?.server("web-1").admin };
}

describe("a server that somebody set to maintenance", () => {
  it("is not visited when a person has what drifted put right, and stays so", async () => {
    const { simulation, rollout, visited, web1 } = await corrected({}, ["web-2"]);
    assert.deepEqual(
      [simulation.violations, rollout?.state, visited, web1],
      [[], "succeeded", ["web-2"], "maintenance"],
    );
  });

  it("serves again when a person names its host, as the plan says", async () => {
    const { simulation, rollout, visited, web1 } = await corrected({ hosts: ["web-1"] });
    assert.deepEqual([simulation.violations, rollout?.state, visited, web1], [[], "succeeded", ["web-1"], "ready"]);
    assert.match(rollout?.plan?.steps.join("\n") ?? "", /let web-1 serve again, which somebody had taken out/);
  });
});
