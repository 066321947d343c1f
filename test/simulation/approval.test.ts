import assert from "node:assert/strict";
import { test } from "node:test";
import { approveRollout, cancelRollout } from "#app/steer-rollout.ts";
import { goodProgram } from "#simulator/program.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

const hourMs = 3_600_000;

/** Release 2 was proved in staging and asks for a person's word before it goes on. */
async function proved(options: SimulationOptions): Promise<Simulation> {
  const simulation = new Simulation({
    ...options,
    promote: { from: "staging", approval: { timeoutMs: 6 * hourMs } },
  });
  const { rollouts } = simulation.records;
  const wish = { service: "hello", environment: "staging", release: 2, reason: "deploy", by: "" } as const;
  const { id } = await rollouts.create({ ...wish, key: "staging" });
  await rollouts.update(id, { state: "succeeded" });
  await simulation.run();
  assert.deepEqual(simulation.violations, []);
  return simulation;
}

const at = (atMs: number, act: (desk: Parameters<typeof approveRollout>[0], id: string) => Promise<unknown>) => ({
  happenings: [
    {
      atMs,
      act: (stage: Simulation) => stage.withServer((desk) => act(desk, stage.open?.id ?? "")),
    },
  ],
});
const ended = ({ rollouts }: Simulation) =>
  rollouts.find(({ environment, release }) => environment === "integration" && release === 2);
const runs = ({ fleet }: Simulation) => [...fleet.hosts.values()].map((host) => host.running()?.sight.release);
const secondsOf = (simulation: Simulation) => {
  const { startedAt = "", endedAt = "" } = ended(simulation) ?? {};
  return (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000;
};

for (const dies of [false, true]) {
  const kill = (point: { step: string }, deaths: number) => dies && deaths === 0 && point.step === "approve started";

  test(`nothing is touched before a person approves; then it goes on${dies ? ", also after a death" : ""}`, async () => {
    const simulation = await proved({ ...at(hourMs, (desk, id) => approveRollout(desk, id, "ana")), kill });
    assert.deepEqual([ended(simulation)?.state, runs(simulation)], ["succeeded", [2, 2, 2, 2]]);
    const { timeline } = simulation.records;
    const drain = (await timeline.of(ended(simulation)?.id ?? "")).find(({ step }) => step === "drain");
    const approved = (await timeline.of(ended(simulation)?.id ?? "")).find(
      ({ step, phase }) => step === "approve" && phase === "succeeded",
    );
    assert.ok(drain && approved && drain.at >= approved.at);
    assert.equal(approved.message, "approved by ana");
  });

  test(`one that is cancelled at its gate ends there and then${dies ? ", also after a death" : ""}`, async () => {
    const simulation = await proved({ ...at(60_000, cancelRollout), kill });
    assert.deepEqual([ended(simulation)?.state, runs(simulation)], ["cancelled", [1, 1, 1, 1]]);
    assert.ok(secondsOf(simulation) < 70, `${secondsOf(simulation)} s`);
  });
}

test("without a word it ends when its time is over, and says so", async () => {
  const simulation = await proved({});
  assert.deepEqual([ended(simulation)?.state, ended(simulation)?.error?.code], ["cancelled", "gate.expired"]);
  assert.deepEqual(runs(simulation), [1, 1, 1, 1]);
});

test("one that waits for a person makes way for a newer release", async () => {
  const simulation = await proved({
    happenings: [{ atMs: 60_000, act: (stage: Simulation) => stage.commit(goodProgram, "deploy") }],
  });
  const { state, supersededBy } = ended(simulation) ?? {};
  assert.deepEqual([state, supersededBy], ["superseded", 4]);
  assert.ok(secondsOf(simulation) < 70, `${secondsOf(simulation)} s`);
});
