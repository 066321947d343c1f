import assert from "node:assert/strict";
import { test } from "node:test";
import { Reaper } from "#app/reaper.ts";
import type { Receipt } from "#core/receipt.ts";
import type { Statement } from "#core/statement.ts";
import { fleetSpecOf } from "#simulator/simulated-world.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

const holds: NonNullable<SimulationOptions["holds"]> = {
  alerts: [{ kind: "command", name: "pager", hold: ["x"], release: ["y"], timeoutMs: 1_000 }],
  autoscaling: [{ kind: "simulated", name: "web" }],
};

/** The receipt as it was signed last. */
async function signedOf({ records }: Simulation, id: string): Promise<Receipt | undefined> {
  const envelope = await records.receipts.get(id);
  return envelope && (JSON.parse(envelope.payload) as Statement).predicate;
}

const play = async (options: SimulationOptions) => {
  const simulation = new Simulation(options);
  simulation.autoscaling.suspendByHand("web", "Terminate");
  const rollout = await simulation.run();
  return { simulation, rollout, receipt: await signedOf(simulation, rollout.id) };
};

test("a rollout that nobody carries to its end leaves a receipt of what was done until then", async () => {
  const { rollout, receipt } = await play({
    change: (world) => ({ ...world, holds: { ...world.holds, ofRollout: () => Promise.reject(new Error("gone")) } }),
  });
  assert.equal(rollout.state, "stuck");
  assert.equal(receipt?.outcome, "stuck");
  assert.equal(rollout.receipt?.outcome, "stuck");
  assert.deepEqual(
    receipt.hosts.map(({ outcome }) => outcome),
    ["failed", "untouched", "untouched", "untouched"],
  );
});

test("the receipt says what was found before each hold, and what the reaper gave back after the end", async () => {
  const { simulation, rollout, receipt } = await play({
    holds,
    change: (world) => ({ ...world, alerts: { ...world.alerts, lift: () => Promise.reject(new Error("down")) } }),
  });
  assert.equal(rollout.state, "succeeded");
  const of = (of: Receipt | undefined, kind: string) => of?.holds?.find((hold) => hold.kind === kind);
  assert.equal(of(receipt, "autoscaling")?.before, '["Terminate"]');
  assert.equal(of(receipt, "drain")?.before, "in-service");
  assert.equal(of(receipt, "alerts")?.givenBackAt, undefined);
  const { world, engine } = simulation.successor();
  await new Reaper(world, engine, () => {}).look();
  const amended = await signedOf(simulation, rollout.id);
  assert.ok(of(amended, "alerts")?.givenBackAt, "given back by the reaper");
  assert.deepEqual({ ...amended, holds: [] }, { ...receipt, holds: [] }, "and nothing else has changed");
});

test("a balancer that was restarted in mid-rollout is said in the receipt", async () => {
  const { receipt } = await play({
    happenings: [{ atMs: 4_000, act: ({ fleet }) => fleet.balancers[0]?.restart() }],
  });
  assert.equal(receipt?.uncounted?.length, 1);
  assert.match(receipt.uncounted[0] ?? "", /^front-1 hello began to count anew after /);
});

test("a host that joined in mid-rollout and one that was left out are in its receipt", async () => {
  const { rollout, receipt } = await play({
    spares: 1,
    rollout: { onFailure: "continue", maxFailures: 1 },
    program: { turnsAfterMs: [100], requestMs: 120, badOn: ["web-2"] },
    happenings: [
      {
        atMs: 3_000,
        act: (simulation) => addSpare(simulation),
      },
    ],
  });
  assert.equal(rollout.state, "succeeded");
  const told = receipt?.hosts.map(({ host, outcome, joined }) => [host, outcome, joined ?? false]);
  assert.deepEqual(told, [
    ["web-1", "released", false],
    ["web-2", "put-back", false],
    ["web-3", "released", false],
    ["web-4", "released", false],
    ["spare-1", "released", true],
  ]);
  assert.match(receipt?.hosts[1]?.why ?? "", /web-2/);
});

function addSpare(simulation: Simulation): void {
  const hosts = ["web-1", "web-2", "web-3", "web-4", "spare-1"];
  simulation.spec = fleetSpecOf({ hosts, balancers: ["front-1 hello"] });
}
