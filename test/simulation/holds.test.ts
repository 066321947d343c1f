import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Reaper } from "#app/reaper.ts";
import { SlipwayError } from "#core/errors.ts";
import type { AlertsSpec } from "#core/fleet.ts";
import type { Alerts, Silence } from "#ports/alerts.ts";
import type { Hold } from "#ports/records.ts";
import { giveBackHold, holdSilent } from "#workflows/give-back-hold.ts";
import type { World } from "#workflows/world.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

const pager = (name: string): AlertsSpec => ({ kind: "command", name, hold: ["x"], release: ["y"], timeoutMs: 1_000 });
const autoscaling = { kind: "simulated", name: "web" } as const;
const place = { service: "hello", environment: "integration" } as const;
const minute = 60_000;

type Call = { readonly name: string; readonly atMs: number; readonly silence: Silence };

/** Every silence that was asked for, and what `answer` makes of it before it is silent. */
function heard(answer: (call: Call, signal: AbortSignal) => Promise<void> = async () => {}) {
  const calls: Call[] = [];
  const change = (world: World): World => {
    const alerts: Alerts = {
      async silence(at, silence, signal) {
        const call = { name: at.spec.name, atMs: world.clock.now(), silence };
        calls.push(call);
        await answer(call, signal);
        await world.alerts.silence(at, silence, signal);
      },
      lift: world.alerts.lift,
    };
    return { ...world, alerts };
  };
  return { calls, change };
}

async function play(options: SimulationOptions): Promise<Simulation> {
  const simulation = new Simulation(options);
  const { state, error } = await simulation.run();
  assert.deepEqual([simulation.violations, state, error], [[], "succeeded", undefined]);
  return simulation;
}

const words = async ({ records, rollouts }: Simulation) =>
  (await records.timeline.of(rollouts[0]?.id ?? "")).flatMap(({ message }) => message ?? []).join("\n");
const hung = (_call: unknown, signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
const long = { bakeMs: 5 * minute };

describe("what a rollout holds", () => {
  it("stays silent for it at every entry that answers, whatever another entry does", async () => {
    const { calls, change } = heard(async ({ name, silence }) => {
      if (name === "bad" && silence.isRenewal) throw new SlipwayError("alerts.unreachable", "bad gave no answer.");
    });
    const simulation = await play({
      hosts: 2,
      holds: { alerts: [pager("bad"), pager("good")] },
      rollout: long,
      change,
    });
    const renewals = (name: string) => calls.filter((call) => call.name === name && call.silence.isRenewal).length;
    assert.ok(renewals("good") >= 4, `${renewals("good")} renewals in ten minutes`);
    assert.equal(renewals("good"), renewals("bad"));
    assert.match(await words(simulation), /the silence of bad could not be renewed: bad gave no answer/);
    assert.equal(simulation.alerts.silentFor.size, 0);
  });

  it("is renewed first thing after a restart: its lease may end any moment", async () => {
    const restartMs = 9 * minute;
    const { calls, change } = heard();
    let killedAt = 0;
    const simulation: Simulation = new Simulation({
      hosts: 2,
      holds: { alerts: [pager("pager")] },
      rollout: long,
      restartMs,
      change,
      kill: ({ step, when }, deaths) => {
        const isThere = deaths === 0 && when === "before" && step.includes("drain");
        if (isThere) killedAt = simulation.clock.now();
        return isThere;
      },
    });
    await simulation.run();
    const first = calls.find(({ atMs }) => atMs > killedAt);
    assert.ok(first && first.atMs - killedAt - restartMs < 1_000, `renewed ${first?.atMs} after ${killedAt}`);
  });

  it("does not wait for alerts that hang, neither at its beginning nor at its end", async () => {
    const { change } = heard(hung);
    const began = Date.UTC(2026, 0, 1);
    const both = { alerts: [pager("one"), pager("two")] };
    // That two silences are left to the reaper is what is expected here.
    const simulation = new Simulation({
      hosts: 2,
      rules: {},
      holds: both,
      change: (world) => {
        const changed = change(world);
        return { ...changed, alerts: { ...changed.alerts, lift: (_at, _silence, signal) => hung(_at, signal) } };
      },
    });
    assert.equal((await simulation.run()).state, "succeeded");
    assert.match(await words(simulation), /one: one gave no answer in 16 s\. The rollout goes on/);
    assert.match(await words(simulation), /two: two gave no answer in 16 s\. The reaper tries again/);
    const tookMs = Date.parse(simulation.rollouts[0]?.endedAt ?? "") - began;
    assert.ok(tookMs < 2 * 16_000 + minute, `it took ${tookMs} ms`);
  });

  it("tells at its end what it was for, with the way to the rollout's page", async () => {
    const lifted: Silence[] = [];
    const change = (world: World): World => ({
      ...world,
      alerts: { ...world.alerts, lift: async (_, silence) => void lifted.push(silence) },
    });
    await play({ hosts: 1, holds: { alerts: [pager("pager")] }, change, rollout: { batch: { hosts: 1 } } });
    assert.deepEqual(
      lifted.map((silence) => [silence.words, silence.url]),
      [["rollout 2 of hello r2", "http://127.0.0.1/#/rollouts/rollout-2"]],
    );
  });

  it("is not silent for nobody when a renewal comes too late", async () => {
    const simulation = new Simulation({ holds: { alerts: [pager("pager")] } });
    const { world } = simulation.successor();
    const hold = {
      id: "gone",
      kind: "alerts" as const,
      rolloutId: "rollout-2",
      ...place,
      subject: "pager",
      before: "heard",
      until: "",
      alerts: pager("pager"),
    };
    const signal = new AbortController().signal;
    const renewing = holdSilent(world, hold, { signal, isRenewal: true });
    await simulation.clock.run();
    await renewing;
    assert.equal(simulation.alerts.silentFor.size, 0);
  });
});

describe("autoscaling that a dead rollout left suspended", () => {
  it("is resumed after the next one, but for what a person had suspended", async () => {
    const simulation = new Simulation({ holds: { autoscaling: [autoscaling] } });
    simulation.autoscaling.suspendByHand("web", "Terminate");
    const signal = new AbortController().signal;
    await simulation.autoscaling.port().suspend(autoscaling, signal);
    await simulation.records.holds.take({
      id: "dead/web",
      kind: "autoscaling",
      rolloutId: "dead",
      ...place,
      subject: "web",
      autoscaling,
      before: JSON.stringify(["Terminate"]),
      until: "2025-12-31T00:00:00.000Z",
    });
    const { world, engine } = simulation.successor();
    const during: (readonly string[])[] = [];
    simulation.clock.after(2_000, async () => {
      await new Reaper(world, engine, () => {}).look();
      during.push(simulation.autoscaling.suspended("web"));
    });
    await simulation.run();
    assert.deepEqual(simulation.autoscaling.suspended("web"), ["Terminate"]);
    assert.deepEqual(await simulation.records.holds.all(), []);
    assert.deepEqual(during, [["HealthCheck", "Launch", "Terminate"]]);
  });

  it("holds still to the end of a rollout, though the reaper gives back what the one before had left", async () => {
    const simulation = new Simulation();
    const { world, engine } = simulation.successor();
    const taken = { kind: "autoscaling" as const, ...place, subject: "web", autoscaling, before: "[]" };
    const until = "2025-12-31T00:00:00.000Z";
    const { id } = await world.rollouts.create({ ...place, key: "k", release: 1, reason: "deploy", by: "" });
    await world.holds.take({ id: "dead/web", rolloutId: "dead", ...taken, until });
    await world.holds.take({ id: "alive/web", rolloutId: id, ...taken, until: "2027-01-01T00:00:00.000Z" });
    await world.autoscaling.suspend(autoscaling, new AbortController().signal);
    const looking = new Reaper(world, engine, () => {}).look();
    await simulation.clock.run();
    await looking;
    assert.deepEqual(
      (await world.holds.all()).map((hold) => hold.id),
      ["alive/web"],
    );
    assert.deepEqual(simulation.autoscaling.suspended("web"), ["HealthCheck", "Launch", "Terminate"]);
  });
});

describe("an autoscaling group of two places", () => {
  const signal = new AbortController().signal;
  const held = ["HealthCheck", "Launch", "Terminate"];
  const dead = (rolloutId: string): Hold => ({
    id: `${rolloutId}/web`,
    kind: "autoscaling",
    rolloutId,
    ...place,
    subject: "web",
    autoscaling,
    before: JSON.stringify(["Terminate"]),
    until: "2025-12-31T00:00:00.000Z",
  });

  type Events = {
    /** Its lock is what a rollout takes first. */
    readonly onLock?: (world: World) => void;
    readonly onRelease?: (suspended: readonly string[]) => void;
  };

  /** A cloud that takes a minute to resume, and the world of the process that asks it. */
  function slow({ onLock, onRelease }: Events) {
    const worlds: World[] = [];
    const change = (world: World): World => {
      const resume: World["autoscaling"]["resume"] = async (group, keep, ending) => {
        await world.clock.sleep(minute, ending);
        await world.autoscaling.resume(group, keep, ending);
      };
      const take: World["holds"]["take"] = (hold) => {
        if (hold.kind === "environment-lock") onLock?.(changed);
        return world.holds.take(hold);
      };
      const release: World["holds"]["release"] = (...given) => {
        onRelease?.(simulation.autoscaling.suspended("web"));
        return world.holds.release(...given);
      };
      const changed: World = {
        ...world,
        autoscaling: { ...world.autoscaling, resume },
        holds: { ...world.holds, take, release },
      };
      worlds.push(changed);
      return changed;
    };
    const simulation = new Simulation({ hosts: 2, holds: { autoscaling: [autoscaling] }, rollout: long, change });
    simulation.autoscaling.suspendByHand("web", "Terminate");
    return { simulation, worlds };
  }

  it("holds still for the rollout that takes it while another one gives it back", async () => {
    const given: Promise<boolean>[] = [];
    const { simulation } = slow({
      onLock: (world) => given.push(giveBackHold(world, dead("dead"), { signal })),
    });
    await simulation.autoscaling.port().suspend(autoscaling, signal);
    await simulation.records.holds.take(dead("dead"));
    const during: (readonly string[])[] = [];
    simulation.clock.after(3 * minute, async () => {
      during.push(simulation.autoscaling.suspended("web"));
    });
    await simulation.run();
    assert.deepEqual(await Promise.all(given), [true]);
    assert.deepEqual(during, [held]);
    assert.deepEqual(simulation.autoscaling.suspended("web"), ["Terminate"]);
  });

  it("is as it was before the last record goes, also when two give it back in the same instant", async () => {
    const atRelease: (readonly string[])[] = [];
    const { simulation, worlds } = slow({ onRelease: (suspended) => atRelease.push(suspended) });
    await simulation.run();
    atRelease.length = 0;
    await simulation.autoscaling.port().suspend(autoscaling, signal);
    const holds = [dead("one"), dead("other")];
    for (const hold of holds) await simulation.records.holds.take(hold);
    const [world] = worlds;
    assert.ok(world);
    const given = Promise.all(holds.map((hold) => giveBackHold(world, hold, { signal })));
    await simulation.clock.run();
    assert.deepEqual(await given, [true, true]);
    assert.deepEqual(atRelease, [held, ["Terminate"]]);
    assert.deepEqual(await simulation.records.holds.all(), []);
  });
});
