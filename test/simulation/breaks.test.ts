import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startRollout } from "#app/start-rollout.ts";
import { SlipwayError } from "#core/errors.ts";
import { isFinal } from "#core/rollout.ts";
import { unhealthyProgram } from "#simulator/program.ts";
import { simulatedRelease } from "#simulator/simulated-world.ts";
import { steerTopic } from "#workflows/pause.ts";
import { rollout } from "#workflows/rollout.ts";
import { happeningsOf } from "./faults.ts";
import { correctAll, place } from "./play.ts";
import { type RuleName, rules } from "./rules.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

type Break = { readonly what: string } & SimulationOptions;

/** A rule that nothing can break proves nothing: each is broken here on purpose, once. */
const breaks: Readonly<Record<RuleName, Break>> = {
  "1 capacity": {
    what: "a balancer that tells of everything as in service",
    rollout: { bakeMs: 20_000 },
    happenings: happeningsOf({ kind: "crash", host: 2, atMs: 5_000, forMs: 200_000 }),
    change: (world) => ({
      ...world,
      balancer: {
        ...world.balancer,
        look: async (...given) =>
          (await world.balancer.look(...given)).map((sight) => ({ ...sight, state: "in-service" as const })),
      },
    }),
  },
  "2 no early traffic": {
    what: "a drain that leaves the second place open",
    hasSecondPlaces: true,
    rollout: { strategy: "blue-green" },
    change: (world) => ({ ...world, balancer: { ...world.balancer, drain: async () => undefined } }),
  },
  "3 nothing stays off": {
    what: "a hold that is not recorded",
    change: (world) => ({ ...world, holds: { ...world.holds, take: async () => undefined } }),
  },
  "4 one at a time": {
    what: "a rollout that is started outside of the queue",
    happenings: [{ atMs: 1_000, act: (simulation) => startAside(simulation) }],
  },
  "5 monotonic": {
    what: "records that have lost what is live",
    happenings: [{ atMs: 60_000, act: (simulation) => simulation.withServer((desk) => correctAll(desk)) }],
    change: (world) => ({
      ...world,
      rollouts: {
        ...world.rollouts,
        list: async (filter, limit) =>
          (await world.rollouts.list(filter, limit)).map((kept) =>
            kept.state === "succeeded" ? { ...kept, release: 1 } : kept,
          ),
      },
    }),
  },
  "6 ends well": {
    what: "a put back that fails and is told as done",
    program: unhealthyProgram,
    change: (world) => ({
      ...world,
      containers: { ...world.containers, startAgain: () => Promise.reject(new SlipwayError("fault", "it is broken")) },
      rollouts: {
        ...world.rollouts,
        update: (id, { state, ...change }, onlyIn) =>
          world.rollouts.update(
            id,
            state ? { ...change, state: state === "stuck" ? "failed" : state } : change,
            onlyIn,
          ),
      },
    }),
  },
  "7 rollback once": {
    what: "a roll back that nobody asked for",
    happenings: [
      {
        atMs: 60_000,
        act: (simulation) =>
          simulation.withServer(async (desk) => {
            const release = await desk.world.releases.get("hello", 1);
            if (release) await startRollout(desk, release, place, "rollback");
          }),
      },
    ],
  },
  "8 refuse, never degrade": {
    what: "a rollout that goes on against its plan's refusal",
    change: (world) => ({
      ...world,
      rollouts: {
        ...world.rollouts,
        update: (id, change) => {
          const refusals = [{ reason: "it is not safe", advice: "do not" }];
          return world.rollouts.update(id, change.plan ? { ...change, plan: { ...change.plan, refusals } } : change);
        },
      },
    }),
  },
  "9 everything ends": {
    what: "an end that is never written down",
    change: (world) => ({
      ...world,
      rollouts: {
        ...world.rollouts,
        update: (id, { state, ...change }, onlyIn) =>
          world.rollouts.update(
            id,
            state && isFinal(state) ? change : { ...change, ...(state ? { state } : {}) },
            onlyIn,
          ),
      },
    }),
  },
  "10 only the interrupted step repeats": {
    what: "a journal that has lost a record",
    happenings: [
      {
        atMs: 1_000,
        act: (simulation) => {
          simulation.kill();
          simulation.journal.steps.get("rollout-2/web-1/2")?.pop();
        },
      },
    ],
  },
  "no failed request": {
    what: "a drain that returns early",
    change: (world) => ({
      ...world,
      balancer: { ...world.balancer, drain: async (...given) => void world.balancer.drain(...given) },
    }),
  },
  "no second visit": {
    what: "a retry that nobody chose",
    rollout: { onFailure: "pause" },
    program: unhealthyProgram,
    happenings: [
      {
        atMs: 60_000,
        act: (simulation) =>
          simulation.withServer(async ({ engine }) => {
            const { id = "", pause } = simulation.open ?? {};
            await engine.signal(id, steerTopic(pause?.number ?? 0), { action: "retry", by: "nobody" });
          }),
      },
    ],
  },
  fenced: {
    what: "hosts that obey every command, however late",
    program: unhealthyProgram,
    happenings: [
      {
        atMs: 0,
        act: ({ fleet }) => {
          for (const host of fleet.hosts.values()) host.takeTurn = () => undefined;
        },
      },
      // The first stop of the rollout arrives a second time, when what it stopped was put back.
      { atMs: 60_000, act: (simulation) => simulation.sendAgain(3) },
    ],
  },
};

async function startAside(simulation: Simulation): Promise<void> {
  const release = await simulation.records.releases.create(simulatedRelease({ number: 9 }));
  await simulation.withServer(async ({ world, engine }) => {
    const wish = { ...place, release: release.number, reason: "deploy" as const, by: "", key: "aside" };
    const { id } = await world.rollouts.create(wish);
    await engine.start(rollout(world), id, { rolloutId: id });
  });
}

describe("every rule can be broken:", () => {
  for (const [rule, { what, ...options }] of Object.entries(breaks))
    it(`${rule}, by ${what}`, async () => {
      const simulation = new Simulation(options);
      await simulation.run();
      const broken = simulation.violations.map((violation) => violation.rule);
      assert.ok(broken.includes(rule), `${rule} did not notice; ${broken.join(", ") || "nobody did"}`);
    });

  it("and none is, where nothing is", async () => {
    assert.deepEqual(Object.keys(breaks), Object.keys(rules));
    const simulation = new Simulation();
    await simulation.run();
    assert.deepEqual(simulation.violations, []);
  });
});
