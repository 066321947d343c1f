import type { FleetSpec } from "#core/fleet.ts";
import type { TimelineEvent } from "#core/rollout.ts";
import type { StepSpec } from "#core/service.ts";
import { defaultEnvironment, type EnvironmentSpec } from "#core/service.ts";
import { type KillPoint, MemoryEngine, MemoryJournal } from "#engine/memory-engine.ts";
import { type MemoryRecords, memoryRecords } from "#simulator/memory-records.ts";
import { cueOthers } from "#simulator/people.ts";
import { joinedHosts, programOf, type Recorded, timesOf } from "#simulator/recorded-run.ts";
import { Script } from "#simulator/script.ts";
import { scriptedWorld } from "#simulator/scripted-world.ts";
import { SimulatedAlerts } from "#simulator/simulated-alerts.ts";
import { SimulatedAutoscaling } from "#simulator/simulated-autoscaling.ts";
import { SimulatedFleet } from "#simulator/simulated-fleet.ts";
import { fleetSpecOf, simulatedRelease, simulatedWorld, usualRun } from "#simulator/simulated-world.ts";
import { VirtualClock } from "#simulator/virtual-clock.ts";
import { rollout } from "#workflows/rollout.ts";
import { rolloutWorkflows } from "#workflows/rollout-workflows.ts";

const port = 8080;
const restartMs = 1_000;
const place = { service: "hello", environment: "integration" } as const;

export type Rehearsal = {
  readonly state: string;
  readonly timeline: readonly TimelineEvent[];
  /** Points that a server can be killed at, and at how many it was. */
  readonly points: number;
  readonly deaths: number;
  /** Requests that failed on the simulated hosts. */
  readonly failed: number;
};

/**
 * The same workflows over simulated hosts that behave as the recorded ones did, on a virtual clock. `killAt`: the server
 * dies at those points, counted from 0, and starts again.
 */
export async function rehearse(recorded: Recorded, killAt: readonly number[] = []): Promise<Rehearsal> {
  const clock = new VirtualClock();
  const script = new Script(recorded);
  const stage = stageOf(recorded, script, clock);
  let failed = 0;
  stage.fleet.watch = {
    onLoss: (_at, { requests }) => {
      failed += requests;
    },
  };
  const id = await askFor(recorded, stage.records);
  const lives = new Lives({ ...stage, script, clock }, id, killAt);
  const soon = (act: () => void) => () => void clock.after(1, act);
  cueOthers(recorded, script, {
    ...{ records: stage.records, rolloutId: id, engine: () => lives.engine },
    commit: soon(() => void commitNewer(recorded, stage.records)),
    join: (host) => stage.join(host),
  });
  lives.start();
  await clock.run();
  const ended = await stage.records.rollouts.get(id);
  const { points, deaths } = lives;
  return { state: ended?.state ?? "lost", timeline: await stage.records.timeline.of(id), points, deaths, failed };
}

type Stage = {
  readonly fleet: SimulatedFleet;
  readonly records: MemoryRecords;
  readonly spec: () => FleetSpec;
  readonly join: (host: string) => void;
};

/** Who goes back goes to the lesser number. */
const numbersOf = ({ rollout: { reason } }: Recorded) =>
  reason === "rollback" ? { before: 2, after: 1 } : { before: 1, after: 2 };

/** The hosts as the plan found them: those that were up to date run the release already. */
function stageOf(recorded: Recorded, script: Script, clock: VirtualClock): Stage {
  const { plan } = recorded.rollout;
  const { before, after } = numbersOf(recorded);
  const planned = plan.batches.flatMap((batch) => batch.hosts);
  const joined = joinedHosts(recorded);
  const present = new Set([...planned.map(({ name }) => name), ...plan.upToDate, ...plan.skipped]);
  const all = [...new Set([...present, ...joined])];
  const places = recorded.strategy.strategy === "blue-green" ? { secondPort: port + 1 } : {};
  const balancers = recorded.strategy.strategy === "all-at-once" ? [] : ["front hello"];
  const rates = { requestEveryMs: 50, checkEveryMs: 500, times: timesOf(recorded) };
  const fleet = new SimulatedFleet({ hosts: all, balancers, port, ...places, ...rates }, clock);
  for (const name of plan.upToDate) fleet.seed(name, after);
  for (const { name, from } of planned) if (from !== undefined) fleet.seed(name, before);
  for (const name of plan.skipped) {
    fleet.seed(name, before);
    fleet.host(name).cutPower();
  }
  fleet.programs.set(after, programOf(recorded));
  const join = (name: string) => {
    present.add(name);
    if (plan.skipped.includes(name)) fleet.host(name).givePower();
  };
  const spec = () => rehearsedFleet(fleetSpecOf({ hosts: [...present], balancers, ...places }));
  return { fleet, records: heardRecords(script, clock), spec, join };
}

/** With a source to check out from, and somebody to ask for what a canary measures. */
function rehearsedFleet(spec: FleetSpec): FleetSpec {
  const source = { name: "hello", git: "https://git.example.com/hello.git", pollMs: 30_000, branches: [] };
  const environments = Object.entries(spec.environments).map(([name, environment]) => [
    name,
    { ...environment, prometheus: "https://metrics.example.com" },
  ]);
  return { ...spec, sources: [source], environments: Object.fromEntries(environments) };
}

function heardRecords(script: Script, clock: VirtualClock): MemoryRecords {
  const records = memoryRecords(() => clock.now());
  const append: MemoryRecords["timeline"]["append"] = async (event) => {
    const kept = await records.timeline.append(event);
    script.hear(event);
    return kept;
  };
  return { ...records, timeline: { ...records.timeline, append } };
}

/** Both releases, what was live, and the wish for the other one; resolves with the rollout's id. */
async function askFor(recorded: Recorded, { releases, rollouts }: MemoryRecords): Promise<string> {
  const { before, after } = numbersOf(recorded);
  const { reason, plan, onlyHosts } = recorded.rollout;
  for (const number of [1, 2]) await releases.create(releaseOf(recorded, number));
  const isRepair = reason === "join" || reason === "correct";
  const isFirst = plan.batches.every(({ hosts }) => hosts.every(({ from }) => from === undefined));
  const was = { by: "", reason: "deploy" } as const;
  if (!isFirst || isRepair || plan.upToDate.length > 0) {
    const live = await rollouts.create({ ...place, ...was, release: isRepair ? after : before, key: "live" });
    await rollouts.update(live.id, { state: "succeeded" });
  }
  const proved = await rollouts.create({ ...place, ...was, environment: provedIn, release: after, key: "proved" });
  await rollouts.update(proved.id, { state: "succeeded" });
  const only = onlyHosts ? { onlyHosts } : {};
  const wish = { ...place, ...only, release: after, reason, by: "a rehearsal", key: "rehearsal" };
  return (await rollouts.create(wish)).id;
}

const provedIn = "the environment before";

async function commitNewer(recorded: Recorded, { releases, rollouts }: MemoryRecords): Promise<void> {
  const { number } = await releases.create(releaseOf(recorded, 3));
  await rollouts.create({ ...place, release: number, reason: "commit", by: "a newer commit", key: "newer" });
}

function releaseOf(recorded: Recorded, number: number): ReturnType<typeof simulatedRelease> {
  const { run } = recorded;
  const { smoke: _, ...unsmoked } = usualRun;
  const release = simulatedRelease({ number });
  return {
    ...release,
    run: { ...unsmoked, ...(run.health ? { health: run.health } : {}), stop: run.stop },
    environments: { [place.environment]: environmentOf(recorded, number) },
  };
}

const command: StepSpec = { name: "as recorded", run: "true", timeoutMs: 60 * 60_000, cache: [], env: {} };

/** With as many commands as it takes to end as recorded: one that verifies, one that judges. */
function environmentOf({ strategy, timeline }: Recorded, number: number): EnvironmentSpec {
  const has = (step: string) => timeline.some((event) => event.step === step);
  const spec = { ...defaultEnvironment.rollout, ...strategy };
  const queries = [{ name: "as recorded", query: "1", min: 0 }];
  const judged = { minRequests: 0, maxErrorPercent: 100, commands: [command], queries };
  const approval = { timeoutMs: approvalMs(timeline) };
  return {
    verify: has("verify") ? [command] : [],
    rollout: spec.canary ? { ...spec, canary: { ...spec.canary, ...judged } } : spec,
    ...(has("approve") && number !== 3 ? { promote: { from: provedIn, approval } } : {}),
  };
}

/** A little more than it waited then; where nobody came in time, just that. */
function approvalMs(timeline: Recorded["timeline"]): number {
  const [asked, answered] = timeline.filter(({ step, phase }) => step === "approve" && phase !== "progress");
  return asked && answered ? Date.parse(answered.at) - Date.parse(asked.at) + 1_000 : 6 * 60 * 60_000;
}

/** One server after the other, each from the journal that the one before it left. */
class Lives {
  points = 0;
  deaths = 0;
  readonly #journal = new MemoryJournal();
  readonly #ground;
  readonly #rolloutId: string;
  readonly #killAt: ReadonlySet<number>;

  #engine: MemoryEngine | undefined;

  constructor(
    stage: Stage & { readonly script: Script; readonly clock: VirtualClock },
    rolloutId: string,
    killAt: readonly number[],
  ) {
    const others = { alerts: new SimulatedAlerts(), autoscaling: new SimulatedAutoscaling() };
    this.#ground = { ...stage, ...others, notices: { post: async () => undefined } };
    this.#rolloutId = rolloutId;
    this.#killAt = new Set(killAt);
  }

  get engine(): MemoryEngine {
    if (!this.#engine) throw new Error("the rehearsal has not begun");
    return this.#engine;
  }

  start(): void {
    const life = { isDead: false };
    const { clock, script } = this.#ground;
    const world = scriptedWorld(simulatedWorld(this.#ground, life), script);
    const kill = ({ step, when }: KillPoint): boolean => {
      if (!this.#killAt.has(this.points++)) return life.isDead;
      life.isDead = true;
      if (when === "after") script.forgetEnd(step);
      this.deaths++;
      clock.after(restartMs, () => this.start());
      return true;
    };
    const workflows = rolloutWorkflows(world);
    const engine = new MemoryEngine({ workflows, journal: this.#journal, timers: clock, kill });
    this.#engine = engine;
    void engine.start(rollout(world), this.#rolloutId, { rolloutId: this.#rolloutId });
  }
}
