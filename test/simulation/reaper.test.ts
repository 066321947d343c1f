import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Reaper } from "#app/reaper.ts";
import type { Engine } from "#engine/run.ts";
import type { Hold } from "#ports/records.ts";
import { hostSpec, simulatedRelease, usualRun } from "#simulator/simulated-world.ts";
import { leaseMs } from "#workflows/leases.ts";
import type { World } from "#workflows/world.ts";
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

type Change = (world: World) => World;
type Reaping = { readonly change?: Change; readonly engine?: Engine; readonly forMs?: number };

/** What the next server's reaper does, at once and after every lease has ended; resolves with what it says. */
async function reap(simulation: Simulation, { change = (world) => world, engine, forMs = 3 * leaseMs }: Reaping = {}) {
  const next = simulation.successor();
  const said: string[] = [];
  const reaper = new Reaper(change(next.world), engine ?? next.engine, (line) => said.push(line));
  reaper.start();
  simulation.clock.after(forMs, () => void reaper.stop());
  await simulation.clock.run();
  return said;
}

const place = { service: "hello", environment: "integration" } as const;
const hold = (change: Partial<Hold>): Hold => ({
  id: "a hold",
  kind: "alerts",
  rolloutId: "rollout-dead",
  ...place,
  subject: "pager",
  before: "heard",
  until: "2025-12-31T00:00:00.000Z",
  ...change,
});
/** What a person had taken out before is no wish of ours: it is forgotten without a look at the host. */
const drain = (change: Partial<Hold> = {}): Hold =>
  hold({ id: "a drain", kind: "drain", subject: "front hello/web-1", host: "web-1", before: "maintenance", ...change });
const left = async ({ records }: Simulation) => (await records.holds.all()).map(({ id }) => id);

/** Release 1 is live, and those hosts were left drained. */
async function drainedAndDead(...hosts: readonly string[]): Promise<Simulation> {
  const simulation = new Simulation();
  const { records, fleet } = simulation;
  await records.releases.create(simulatedRelease({ number: 1 }));
  const { id } = await records.rollouts.create({ ...place, key: "k", release: 1, reason: "deploy", by: "" });
  await records.rollouts.update(id, { state: "succeeded" });
  const [front] = fleet.balancers;
  for (const host of hosts) {
    front?.server(host).tell("drain", "ours");
    const subject = `unix:///front-1 hello hello/${host}`;
    await records.holds.take(drain({ id: host, host, server: host, subject, before: "in-service" }));
  }
  return simulation;
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
      const kept = await simulation.records.holds.all();
      assert.deepEqual(
        kept.filter(({ kind }) => kind !== "drain").map(({ id }) => id),
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

  it("has its silence lifted though fleet.yaml names its alerts otherwise, or no more", async () => {
    const simulation = await diedAt(20);
    assert.equal(simulation.alerts.silentFor.size, 1);
    const { integration } = simulation.spec.environments;
    const { hello } = integration?.services ?? {};
    assert.ok(integration && hello);
    const services = { hello: { ...hello, alerts: [], autoscaling: [] } };
    simulation.spec = { ...simulation.spec, environments: { integration: { ...integration, services } } };
    await reap(simulation);
    assert.deepEqual([simulation.alerts.silentFor.size, simulation.autoscaling.suspended("web")], [0, ["Terminate"]]);
  });
});

describe("the reaper", () => {
  it("goes on when its records were away, and says so once", async () => {
    const simulation = new Simulation();
    await simulation.records.holds.take(hold({}));
    let failures = 5;
    const change: Change = (world) => ({
      ...world,
      holds: {
        ...world.holds,
        all: async () => {
          if (failures-- > 0) throw new Error("the database is restarted");
          return world.holds.all();
        },
      },
    });
    const said = await reap(simulation, { change });
    assert.deepEqual(await left(simulation), []);
    assert.equal(said.filter((line) => line.includes("the database is restarted")).length, 1, said.join("\n"));
  });

  it("leaves what a living rollout holds after an outage of the records: it renews its leases first", async () => {
    const simulation = new Simulation();
    const { clock, records } = simulation;
    const { id } = await records.rollouts.create({ ...place, key: "k", release: 1, reason: "deploy", by: "" });
    await records.rollouts.update(id, { state: "running" });
    const until = () => new Date(clock.now() + leaseMs).toISOString();
    await records.holds.take(hold({ rolloutId: id, until: until() }));
    const minute = 60_000;
    const [from, to] = [clock.now() + minute, clock.now() + 30 * minute];
    const change: Change = (world) => ({
      ...world,
      holds: {
        ...world.holds,
        all: async () => {
          if (clock.now() > from && clock.now() < to) throw new Error("the database is away");
          return world.holds.all();
        },
      },
    });
    clock.after(32 * minute, () => void records.holds.renew(id, until()));
    await reap(simulation, { change, forMs: 41 * minute });
    assert.deepEqual(await left(simulation), ["a hold"]);
    await reap(simulation);
    assert.deepEqual(await left(simulation), [], "it died after all");
  });

  it("gives back everything else while drains wait for their turn behind a rollout that waits for a person", async () => {
    const simulation = new Simulation();
    const { records, clock } = simulation;
    await records.holds.take(drain());
    clock.after(60_000, () => void records.holds.take(hold({})));
    let starts = 0;
    const engine: Engine = {
      start: async () => void starts++,
      result: () => new Promise(() => {}),
      signal: async () => {},
      stop: async () => {},
    };
    await reap(simulation, { engine });
    assert.deepEqual([await left(simulation), starts], [["a drain"], 1]);
  });

  it("leaves the lock that somebody took in the very moment in which the one before had ended", async () => {
    const simulation = new Simulation();
    const { records } = simulation;
    const lock = hold({ id: "lock", kind: "environment-lock", rolloutId: "", by: "ben" });
    const next = { ...lock, by: "amy", until: "2027-01-01T00:00:00.000Z" };
    await records.holds.take(lock);
    const change: Change = (world) => ({
      ...world,
      holds: {
        ...world.holds,
        async all() {
          const seen = await world.holds.all();
          await records.holds.replace(next, lock);
          return seen;
        },
      },
    });
    await reap(simulation, { change });
    assert.deepEqual(await records.holds.all(), [next]);
  });

  it("gives a drain back at the balancer where it was taken, though fleet.yaml names none by now", async () => {
    const simulation = new Simulation();
    const { records, fleet } = simulation;
    await records.releases.create(simulatedRelease({ number: 1 }));
    const { id } = await records.rollouts.create({ ...place, key: "k", release: 1, reason: "deploy", by: "" });
    await records.rollouts.update(id, { state: "succeeded" });
    const [network] = Object.values(simulation.spec.networks);
    const { integration } = simulation.spec.environments;
    const { hello } = integration?.services ?? {};
    const [balancer] = hello?.balancers ?? [];
    const [host] = hello?.hosts ?? [];
    assert.ok(network && integration && hello && balancer && host);
    const [front] = fleet.balancers;
    front?.server("web-1").tell("drain", "ours");
    const drained = { at: { network, balancer }, host };
    await records.holds.take(drain({ server: "web-1", before: "in-service", drained }));
    const services = { hello: { ...hello, balancers: [] } };
    simulation.spec = { ...simulation.spec, environments: { integration: { ...integration, services } } };
    await reap(simulation);
    assert.deepEqual([await left(simulation), front?.server("web-1").isIn], [[], true]);
  });

  it("gives back the drains of a place of which one host cannot be reached", async () => {
    const simulation = await drainedAndDead("web-1", "web-2");
    const [front] = simulation.fleet.balancers;
    simulation.fleet.host("web-1").isWayOpen = false;
    await reap(simulation);
    assert.deepEqual([await left(simulation), front?.server("web-2").isIn], [["web-1"], true]);
  });

  it("gives no host back that could still hear what the dead rollout had sent to it", async () => {
    const simulation = await drainedAndDead("web-1");
    const host = simulation.fleet.host("web-1");
    const { world } = simulation.successor();
    const [network] = Object.values(simulation.spec.networks);
    assert.ok(network);
    const at = {
      network,
      host: hostSpec(host.name),
      turn: { place: "integration/hello", number: await world.turns.next() },
    };
    await reap(simulation);
    assert.deepEqual(await left(simulation), []);
    const stopping = world.containers.stop(
      at,
      host.running()?.sight.name ?? "",
      usualRun.stop,
      AbortSignal.timeout(1_000),
    );
    await assert.rejects(stopping, { code: "host.fenced" });
    assert.ok(host.running());
  });
});
