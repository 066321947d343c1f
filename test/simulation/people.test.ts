import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Application, RolloutDesk } from "#app/application.ts";
import { lockPlace, unlockPlace } from "#app/lock-place.ts";
import { rollBack } from "#app/roll-back.ts";
import { showPlan } from "#app/show-plan.ts";
import { showReadiness } from "#app/show-readiness.ts";
import { cancelRollout, pauseRollout, type SteerWish, steerRollout } from "#app/steer-rollout.ts";
import { goodProgram } from "#simulator/program.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

const place = { service: "hello", environment: "integration" };
const refusal = (words: RegExp) => (error: Error) => words.test(error.message);
const runs = ({ fleet }: Simulation) => [...fleet.hosts.values()].map((host) => host.running()?.sight.release);
const visits = (plan: Awaited<ReturnType<typeof showPlan>>) =>
  plan.batches.flatMap(({ hosts }) => hosts.map(({ name }) => name));

/** A person does something a while after the rollout began; what they got is what this resolves with. */
async function during<T>(
  options: SimulationOptions,
  ask: (desk: RolloutDesk, simulation: Simulation) => Promise<T>,
  atMs = 2_000,
): Promise<{ simulation: Simulation; got: T }> {
  let asked: Promise<T> | undefined;
  const act = (simulation: Simulation) => {
    asked = simulation.withServer((desk) => ask(desk, simulation));
    asked.catch(() => "looked at below");
  };
  const simulation = new Simulation({ ...options, happenings: [{ atMs, act }] });
  await simulation.run();
  assert.deepEqual(simulation.violations, []);
  assert.ok(asked);
  return { simulation, got: await asked };
}
const long = 10 * 60_000;

describe("before anything is asked for, a person sees", () => {
  it("what a roll back would do, and what it would be refused for", async () => {
    const { got } = await during({}, (desk) => showPlan(desk, { ...place, reason: "rollback" }), long);
    assert.deepEqual([got.reason, got.release, visits(got).length, got.refusals], ["rollback", 1, 4, []]);
    const asked = during({}, (desk) => showPlan(desk, { ...place, reason: "rollback", release: 9 }), long);
    await assert.rejects(asked, refusal(/was never live and good/));
  });

  it("what a correction would do, to the hosts that are named", async () => {
    const { got } = await during(
      {},
      async (desk, { fleet }) => {
        for (const name of ["web-2", "web-3"]) {
          const host = fleet.host(name);
          host.stop(host.running()?.sight.name ?? "", "theirs");
        }
        const all = await showPlan(desk, { ...place, reason: "correct" });
        const one = await showPlan(desk, { ...place, reason: "correct", hosts: ["web-3"] });
        return [all, one].map((plan) => [plan.reason, plan.release, visits(plan)]);
      },
      long,
    );
    assert.deepEqual(got, [
      ["correct", 2, ["web-2", "web-3"]],
      ["correct", 2, ["web-3"]],
    ]);
  });

  it("that neither takes what only the other one does", async () => {
    const wishes = [
      [{ reason: "rollback", hosts: ["web-1"] }, /Only a correction takes single hosts/],
      [{ reason: "correct", hosts: ["web-9"] }, /no host "web-9"/],
      [{ reason: "correct", release: 1 }, /takes no release/],
    ] as const;
    for (const [wish, words] of wishes)
      await assert.rejects(
        during({}, (desk) => showPlan(desk, { ...place, ...wish }), long),
        refusal(words),
      );
  });
});

describe("how ready a roll back is:", () => {
  it("what is live, where it goes, and that nothing is in its way", async () => {
    const { got } = await during({}, (desk) => showReadiness(desk, place), long);
    assert.deepEqual([got.live, got.release, got.refusals, got.underWay, got.ready], [2, 1, [], undefined, true]);
  });

  it("a lock refuses it, and it is not ready", async () => {
    const ask = async (desk: RolloutDesk) => {
      const app = { ...desk, changes: { tell: () => {} } } as unknown as Application;
      await lockPlace(app, { ...place, forMs: long, by: "ana" });
      const seen = await showReadiness(desk, place);
      await unlockPlace(app, place);
      return seen;
    };
    const { got } = await during({}, ask, long);
    assert.match(got.refusals[0]?.reason ?? "", /is locked for hello by ana/);
    assert.equal(got.ready, false);
  });

  it("a paused rollout is told of, with its choices", async () => {
    const paused = { rollout: { pauseTimeoutMs: long } };
    const { got } = await during(
      paused,
      async (desk, simulation) => {
        await pauseRollout(desk, simulation.open?.id ?? "", "ana");
        while (simulation.open?.state !== "paused") await desk.world.clock.sleep(500, new AbortController().signal);
        return showReadiness(desk, place);
      },
      500,
    );
    assert.deepEqual([got.underWay?.state, got.underWay?.release, got.live, got.release], ["paused", 2, 1, 1]);
    assert.ok(got.underWay?.pause?.choices.includes("exclude"));
  });

  it("while another rollout goes forward: back to what was live before it", async () => {
    const { got } = await during({}, (desk) => showReadiness(desk, place));
    assert.deepEqual([got.live, got.release, got.underWay?.release], [1, 1, 2]);
  });

  it("where nothing good was live, why there is nothing to go back to", async () => {
    const ask = ({ world }: RolloutDesk) =>
      showReadiness({ world: { ...world, rollouts: { ...world.rollouts, list: async () => [] } } }, place);
    const { got } = await during({}, ask, long);
    assert.deepEqual([got.live, got.release, got.ready, got.hosts.length], [undefined, undefined, false, 4]);
    assert.match(got.refusals[0]?.reason ?? "", /no earlier good release/);
  });
});

describe("hosts that a person names are left out of a paused rollout", () => {
  /** Paused after its first batch. */
  const steered = (wish: SteerWish, options: SimulationOptions = {}) =>
    during(
      { ...options, rollout: { pauseTimeoutMs: long, ...options.rollout } },
      async (desk, simulation) => {
        if (!options.program) await pauseRollout(desk, simulation.open?.id ?? "", "ana");
        while (simulation.open?.state !== "paused") await desk.world.clock.sleep(500, new AbortController().signal);
        const { id } = simulation.open;
        await steerRollout(desk, id, wish).catch(async (error) => {
          await steerRollout(desk, id, { action: "put-back" });
          throw error;
        });
      },
      500,
    );
  const ended = ({ rollouts: [first] }: Simulation) => [first?.state, first?.excluded];

  it("before they were visited: they run on what they ran", async () => {
    const { simulation } = await steered({ action: "exclude", hosts: ["web-3"], by: "ana" });
    assert.deepEqual(
      [ended(simulation), runs(simulation)],
      [
        ["succeeded", ["web-3"]],
        [2, 2, 1, 2],
      ],
    );
    const { rollouts, records } = simulation;
    const told = (await records.timeline.of(rollouts[0]?.id ?? "")).map(({ message }) => message);
    assert.ok(told.includes("ana chose exclude web-3"), told.join("\n"));
  });

  it("after that: they are put back, and the others stay", async () => {
    const { simulation } = await steered({ action: "exclude", hosts: ["web-1", "web-4"] });
    assert.deepEqual(
      [ended(simulation), runs(simulation)],
      [
        ["succeeded", ["web-1", "web-4"]],
        [1, 2, 2, 1],
      ],
    );
  });

  it("of those that failed: the others are tried again", async () => {
    const program = { ...goodProgram, badOn: ["web-1", "web-2"] };
    const rollout = { onFailure: "pause" as const, batch: { hosts: 2 } };
    const { simulation } = await steered({ action: "exclude", hosts: ["web-1"] }, { program, rollout });
    const pauses = (await simulation.records.timeline.of(simulation.rollouts[0]?.id ?? "")).filter(
      ({ step, phase }) => step === "pause" && phase === "started",
    );
    assert.deepEqual([pauses.length, runs(simulation)[0]], [2, 1]);
  });

  it("of those that nothing can be taken out for: a host that is gone costs the others no put back", async () => {
    const wish = { action: "exclude", hosts: ["web-2", "web-3", "web-4"] } as const;
    const { simulation } = await during(
      { rollout: { pauseTimeoutMs: long, minHealthy: { hosts: 3 } } },
      async (desk, simulation) => {
        simulation.fleet.host("web-4").cutPower();
        while (simulation.open?.state !== "paused") await desk.world.clock.sleep(500, new AbortController().signal);
        const { id, pause } = simulation.open;
        assert.deepEqual([pause?.error?.code, pause?.hosts], ["capacity.lost", []]);
        await steerRollout(desk, id, wish);
      },
      500,
    );
    assert.deepEqual([ended(simulation), runs(simulation)[0]], [["succeeded", wish.hosts], 2]);
  });

  it("not where nobody named one, where there is no such host, or with another choice", async () => {
    await assert.rejects(steered({ action: "exclude" }), refusal(/not known what to exclude/));
    await assert.rejects(steered({ action: "exclude", hosts: ["web-9"] }), refusal(/no host "web-9"/));
    await assert.rejects(steered({ action: "continue", hosts: ["web-1"] }), refusal(/Only `exclude` takes hosts/));
  });
});

describe("who did it is written down:", () => {
  it("who cancelled", async () => {
    const { simulation } = await during({}, (desk, { open }) => cancelRollout(desk, open?.id ?? "", "ana"));
    const [first] = simulation.rollouts;
    const messages = (await simulation.records.timeline.of(first?.id ?? "")).map(({ message }) => message);
    assert.deepEqual([first?.cancelledBy, messages.includes("ana cancelled it")], ["ana", true]);
  });

  it("who rolled back in the middle of another rollout", async () => {
    const { simulation } = await during({}, (desk) => rollBack(desk, { ...place, by: "somebody" }));
    assert.equal(simulation.rollouts[0]?.cancelledBy, "somebody");
  });
});
