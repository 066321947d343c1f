import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rollBack } from "#app/roll-back.ts";
import { cancelRollout } from "#app/steer-rollout.ts";
import { SlipwayError } from "#core/errors.ts";
import type { SteerAction } from "#core/rollout.ts";
import { goodProgram, unhealthyProgram } from "#simulator/program.ts";
import { fleetSpecOf } from "#simulator/simulated-world.ts";
import { happeningsOf } from "./faults.ts";
import { correctAll } from "./play.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

/** What the rules of test/simulation/rules.ts found once, each told as an operator saw it. */
async function play(options: SimulationOptions): Promise<Simulation> {
  const simulation = new Simulation(options);
  await simulation.run();
  assert.deepEqual(simulation.violations, []);
  return simulation;
}

const place = { service: "hello", environment: "integration", by: "somebody" };
const states = ({ rollouts }: Simulation) => rollouts.map(({ state }) => state);
const runs = ({ fleet }: Simulation) => [...fleet.hosts.values()].map((host) => host.running()?.sight.release);
const inService = ({ fleet }: Simulation) => [...fleet.hosts.values()].filter((host) => fleet.isInService(host)).length;
const chooses = (...actions: readonly SteerAction[]): Pick<SimulationOptions, "choose"> => ({
  choose: (_pause, count) => ({ action: actions[count] ?? "put-back", afterMs: 100 }),
});
const badOn = (...hosts: string[]) => ({ ...goodProgram, badOn: hosts });
/** What happens at once has happened when the plan is made. */
const inPlan = ({ step }: { step: string }, deaths: number) => deaths === 0 && step === "plan";
const silentFront = { kind: "balancer-silent", host: 0, forMs: 600_000 } as const;

describe("once seen, and never again:", () => {
  it("hosts put right while a rollout ran were taken back to the release before it", async () => {
    const act = (simulation: Simulation) => simulation.withServer((desk) => correctAll(desk));
    assert.deepEqual(runs(await play({ happenings: [{ atMs: 2_000, act }] })), [2, 2, 2, 2]);
  });

  it("a blue-green container served before its verdict", async () => {
    const simulation = await play({ hasSecondPlaces: true, rollout: { strategy: "blue-green" } });
    assert.deepEqual([states(simulation), inService(simulation)], [["succeeded"], 4]);
  });

  it("a server that somebody had switched off served after the server died in its admit", async () => {
    for (let at = 0; at < 90; at++) {
      let passed = 0;
      const simulation = new Simulation({ kill: () => passed++ === at, rollout: { pauseTimeoutMs: 60_000 } });
      const [front] = simulation.fleet.balancers;
      front?.server("web-1").tell("maintenance", "theirs");
      simulation.watch.othersOff.add(`${front?.name}/web-1`);
      await simulation.run();
      assert.deepEqual([at, simulation.violations, front?.server("web-1").isIn], [at, [], false]);
    }
  });

  it("a host that was tried again and then left out was left with nothing running", async () => {
    const failing = { program: badOn("web-2"), rollout: { onFailure: "pause" as const } };
    const simulation = await play({ ...failing, ...chooses("retry", "exclude") });
    assert.deepEqual([states(simulation), runs(simulation)], [["succeeded"], [2, 1, 2, 2]]);
  });

  it("a roll back from a half-made blue-green rollout found its port taken", async () => {
    const rollout = { strategy: "blue-green", onFailure: "pause" } as const;
    const failing = { hasSecondPlaces: true, program: badOn("web-2"), rollout };
    const simulation = await play({ ...failing, ...chooses("roll-back") });
    assert.deepEqual(
      [states(simulation), runs(simulation)],
      [
        ["aborted", "succeeded"],
        [1, 1, 1, 1],
      ],
    );
  });

  it("putting back a host that had run nothing waited five minutes for it to be healthy", async () => {
    const simulation = await play({
      hosts: 1,
      spares: 2,
      happenings: [
        { atMs: 100, act: (stage) => addSpare(stage) },
        { atMs: 3_000, act: (stage) => addSpare(stage) },
        { atMs: 3_200, act: (stage) => stage.commit(unhealthyProgram) },
      ],
    });
    assert.ok(!states(simulation).includes("stuck"), states(simulation).join());
  });

  it("a put back took every host out at one balancer because another was silent", async () => {
    const happenings = happeningsOf({ ...silentFront, atMs: 14_000 });
    const simulation = await play({ balancers: 2, happenings, rollout: { bakeMs: 5_000 } });
    assert.ok(inService(simulation) >= 3, `${inService(simulation)} in service`);
  });

  it("a silent balancer made every host one to be left out, and out of service", async () => {
    const happenings = happeningsOf({ ...silentFront, atMs: 0 });
    const simulation = await play({ balancers: 2, happenings, kill: inPlan, rollout: { onUnreachable: "skip" } });
    assert.equal(inService(simulation), 4);
  });

  it("a host that served and could not be logged in to was taken out of service", async () => {
    const happenings = happeningsOf({ kind: "way", host: 3, atMs: 0, forMs: 600_000 });
    const rollout = { onUnreachable: "skip", minHealthy: { hosts: 1 } } as const;
    const simulation = await play({ happenings, kill: inPlan, rollout });
    assert.deepEqual([states(simulation), inService(simulation)], [["failed"], 4]);
    assert.match(simulation.rollouts[0]?.error?.message ?? "", /Could not reach web-4/);
  });

  it("a newer commit whose plan could not be made put a good rollout back", async () => {
    const missing = new SlipwayError("secret.missing", "There is no secret API_KEY.");
    const simulation = await play({
      happenings: [{ atMs: 2_000, act: (stage) => stage.commit(goodProgram, "commit", { secrets: ["API_KEY"] }) }],
      change: (world) => ({
        ...world,
        secrets: { ...world.secrets, keep: () => Promise.reject(missing), reveal: () => Promise.reject(missing) },
      }),
    });
    assert.equal(states(simulation)[0], "succeeded");
    assert.deepEqual(runs(simulation), [2, 2, 2, 2]);
  });

  it("a host that was taken out of fleet.yaml in the middle could not be put back", async () => {
    const simulation = await play({
      program: badOn("web-4"),
      happenings: [{ atMs: 5_000, act: (stage) => takeOutOfFleet(stage, "web-1") }],
    });
    assert.deepEqual([states(simulation), runs(simulation)], [["failed"], [1, 1, 1, 1]]);
  });

  it("a host that joined in mid-rollout and failed had the good release put back everywhere", async () => {
    const act = (stage: Simulation) => addSpare(stage);
    const simulation = await play({ spares: 1, program: badOn("spare-1"), happenings: [{ atMs: 5_000, act }] });
    assert.deepEqual([states(simulation), runs(simulation)], [["succeeded"], [2, 2, 2, 2, undefined]]);
  });

  it("a host that was added while the registry was down had the good release put back everywhere", async () => {
    const gone = new SlipwayError("registry.unreachable", "No answer.");
    const act = (stage: Simulation) => {
      stage.fleet.registryFailure = gone;
      addSpare(stage);
    };
    const simulation = await play({ spares: 1, happenings: [{ atMs: 5_000, act }] });
    assert.deepEqual([states(simulation), runs(simulation)], [["succeeded"], [2, 2, 2, 2, undefined]]);
  });

  it("a roll back after a rollout that was aborted went past the release that was live before it", async () => {
    const back = (stage: Simulation) => stage.withServer((desk) => rollBack(desk, place));
    const simulation = await play({
      program: badOn("web-3"),
      rollout: { onFailure: "pause" },
      ...chooses("abort"),
      happenings: [{ atMs: 60_000, act: back }],
    });
    assert.deepEqual(
      [states(simulation), runs(simulation)],
      [
        ["aborted", "succeeded"],
        [1, 1, 1, 1],
      ],
    );
  });

  it("a roll back in mid-rollout went back behind the release that was live", async () => {
    const simulation = await play({
      happenings: [
        { atMs: 30_000, act: (stage) => stage.commit(goodProgram, "deploy") },
        { atMs: 33_000, act: (stage) => stage.withServer((desk) => rollBack(desk, place)) },
      ],
    });
    assert.deepEqual(
      [states(simulation), runs(simulation)],
      [
        ["succeeded", "cancelled", "succeeded"],
        [2, 2, 2, 2],
      ],
    );
  });

  it("two roll backs in a row came to the bad release again", async () => {
    const refused: unknown[] = [];
    const back = (stage: Simulation) =>
      stage.withServer((desk) => rollBack(desk, place)).catch((error) => refused.push(error.code));
    const simulation = await play({
      happenings: [
        { atMs: 30_000, act: back },
        { atMs: 60_000, act: back },
      ],
    });
    assert.deepEqual([runs(simulation), refused], [[1, 1, 1, 1], ["release.none"]]);
  });

  it("a cancel waited for a program that would never be healthy", async () => {
    const act = (stage: Simulation) => cancelOpen(stage);
    const simulation = await play({ program: unhealthyProgram, happenings: [{ atMs: 3_000, act }] });
    const [{ startedAt = "", endedAt = "" } = {}] = simulation.rollouts;
    assert.deepEqual(states(simulation), ["cancelled"]);
    assert.ok(Date.parse(endedAt) - Date.parse(startedAt) < 8_000, endedAt);
  });

  it("a host that could not pull the image put the rollout back, which may leave a host out", async () => {
    const gone = new SlipwayError("registry.unreachable", "No answer.");
    const simulation = await play({
      rollout: { onFailure: "continue", maxFailures: 1 },
      change: (world) => ({
        ...world,
        containers: {
          ...world.containers,
          pull: (at, ...what) => (at.host.name === "web-2" ? Promise.reject(gone) : world.containers.pull(at, ...what)),
        },
      }),
    });
    assert.deepEqual([states(simulation), runs(simulation)], [["succeeded"], [2, 1, 2, 2]]);
  });

  it("a rollout that left every host out was told as good", async () => {
    const simulation = await play({ program: unhealthyProgram, rollout: { onFailure: "continue", maxFailures: 9 } });
    assert.deepEqual([states(simulation), runs(simulation)], [["failed"], [1, 1, 1, 1]]);
    assert.equal(simulation.rollouts[0]?.error?.code, "hosts.none-left");
  });

  it("a host whose old container somebody had removed could not be put back", async () => {
    const act = ({ fleet }: Simulation) => void fleet.host("web-1").containers.delete("seed-1");
    const simulation = new Simulation({ program: badOn("web-4"), happenings: [{ atMs: 5_000, act }] });
    await simulation.run();
    // Made anew it has another name than the one that the rule remembers.
    const broken = simulation.violations.filter(({ rule }) => rule !== "6 ends well");
    assert.deepEqual([broken, states(simulation), runs(simulation)], [[], ["failed"], [1, 1, 1, 1]]);
  });

  it("a blue-green roll back had to start anew what had run until a moment ago", async () => {
    const back = (stage: Simulation) => stage.withServer((desk) => rollBack(desk, place));
    const simulation = await play({
      hasSecondPlaces: true,
      rollout: { strategy: "blue-green" },
      happenings: [{ atMs: 60_000, act: back }],
    });
    const names = [...simulation.fleet.hosts.values()].map((host) => host.running(8080)?.sight.name);
    assert.deepEqual([names, inService(simulation)], [["seed-1", "seed-1", "seed-1", "seed-1"], 4]);
  });

  it("hosts of a superseded rollout stayed half done when its successor could not be planned", async () => {
    const simulation: Simulation = new Simulation({
      happenings: [{ atMs: 2_000, act: (stage) => stage.commit(goodProgram) }],
      change: (world) => ({
        ...world,
        rollouts: {
          ...world.rollouts,
          async update(id, change, onlyIn) {
            if (change.state === "superseded") simulation.spec = { ...simulation.spec, environments: {} };
            return world.rollouts.update(id, change, onlyIn);
          },
        },
      }),
    });
    await simulation.run();
    assert.deepEqual(
      [simulation.violations, states(simulation), runs(simulation)],
      [[], ["superseded", "failed"], [1, 1, 1, 1]],
    );
  });

  it("a server that somebody switched off while it was replaced served again", async () => {
    const switchOff = ({ fleet, watch }: Simulation) => {
      const [front] = fleet.balancers;
      front?.server("web-1").tell("maintenance", "theirs");
      watch.othersOff.add(`${front?.name}/web-1`);
    };
    const simulation = await play({
      rollout: { minHealthy: { hosts: 1 } },
      happenings: [{ atMs: 1_000, act: switchOff }],
    });
    assert.deepEqual([states(simulation), inService(simulation)], [["succeeded"], 3]);
  });

  it("a rollout that was cancelled paused for a day instead", async () => {
    const simulation = await play({
      program: unhealthyProgram,
      rollout: { onFailure: "pause" },
      happenings: [{ atMs: 1_500, act: (stage) => cancelOpen(stage) }],
    });
    assert.deepEqual(states(simulation), ["cancelled"]);
  });

  it("a drain after a long death took out more than may be missing", async () => {
    const simulation = await play({
      restartMs: 3_600_000,
      kill: ({ run, step, when }, deaths) =>
        deaths === 0 && run.includes("web-2") && step.endsWith("drain") && when === "before",
      happenings: happeningsOf({ kind: "power", host: 3, atMs: 60_000, forMs: 7_200_000 }),
    });
    assert.deepEqual(states(simulation), ["failed"]);
  });

  it("a host that was away for some seconds was given up by its put back, and the others kept the new release", async () => {
    const ends = new Set<string>();
    for (let atMs = 0; atMs < 8_000; atMs += 250) {
      const simulation = await play({ happenings: happeningsOf({ kind: "way", host: 1, atMs, forMs: 4_000 }) });
      const [state = ""] = states(simulation);
      assert.deepEqual(
        [atMs, runs(simulation), inService(simulation)],
        [atMs, Array(4).fill(state === "failed" ? 1 : 2), 4],
      );
      ends.add(state);
    }
    assert.deepEqual([...ends].sort(), ["failed", "succeeded"]);
  });

  it("a put back waited for every host in turn where the way to all of them was broken", async () => {
    const gone = [0, 1, 2, 3].flatMap((host) => happeningsOf({ kind: "way", host, atMs: 5_000, forMs: 30 * 60_000 }));
    const { rollouts } = await play({ rollout: { minHealthy: { hosts: 0 } }, happenings: gone });
    const [{ state, endedAt = "", startedAt = "" } = assert.fail()] = rollouts;
    const minutes = (Date.parse(endedAt) - Date.parse(startedAt)) / 60_000;
    assert.equal(state, "stuck");
    assert.ok(minutes < 2, `it took ${minutes} minutes`);
  });

  it("a host that was left out stayed drained for ever when the rollout failed", async () => {
    const simulation = await play({
      program: badOn("web-2"),
      rollout: { onUnreachable: "skip", minHealthy: { hosts: 1 } },
      happenings: happeningsOf({ kind: "power", host: 3, atMs: 0, forMs: 60_000 }),
      kill: inPlan,
    });
    assert.deepEqual([states(simulation), inService(simulation)], [["failed"], 4]);
  });
});

const cancelOpen = (simulation: Simulation) =>
  simulation.withServer((desk) => cancelRollout(desk, simulation.open?.id ?? ""));

const addSpare = (simulation: Simulation) =>
  changeFleet(simulation, (hosts) => [...hosts, hosts.includes("spare-1") ? "spare-2" : "spare-1"]);
const takeOutOfFleet = (simulation: Simulation, gone: string) =>
  changeFleet(simulation, (hosts) => hosts.filter((name) => name !== gone));

function changeFleet(simulation: Simulation, change: (hosts: readonly string[]) => string[]): void {
  const group = simulation.spec.environments.integration?.services.hello;
  const hosts = change((group?.hosts ?? []).map(({ name }) => name));
  const balancers = (group?.balancers ?? []).map(({ name }) => name);
  simulation.spec = fleetSpecOf({ hosts, balancers });
}
