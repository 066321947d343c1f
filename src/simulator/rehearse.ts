import type { TimelineEvent } from "#core/rollout.ts";
import { defaultEnvironment } from "#core/service.ts";
import { MemoryEngine, MemoryJournal } from "#engine/memory-engine.ts";
import { type MemoryRecords, memoryRecords } from "#simulator/memory-records.ts";
import { programOf, type Recorded, timesOf } from "#simulator/recorded-run.ts";
import { SimulatedAlerts } from "#simulator/simulated-alerts.ts";
import { SimulatedAutoscaling } from "#simulator/simulated-autoscaling.ts";
import { SimulatedFleet } from "#simulator/simulated-fleet.ts";
import { fleetSpecOf, simulatedRelease, simulatedWorld, usualRun } from "#simulator/simulated-world.ts";
import { VirtualClock } from "#simulator/virtual-clock.ts";
import { rollout } from "#workflows/rollout.ts";
import { rolloutWorkflows } from "#workflows/rollout-workflows.ts";

const port = 8080;
const balancers = ["front hello"];
const restartMs = 1_000;
const [before, after] = [1, 2];

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
  const stage = stageOf(recorded, clock);
  let failed = 0;
  stage.fleet.watch = {
    onLoss: (_at, { requests }) => {
      failed += requests;
    },
  };
  const id = await askFor(recorded, stage.records);
  const lives = new Lives({ ...stage, clock }, id, killAt);
  lives.start();
  await clock.run();
  const ended = await stage.records.rollouts.get(id);
  const { points, deaths } = lives;
  return { state: ended?.state ?? "lost", timeline: await stage.records.timeline.of(id), points, deaths, failed };
}

type Stage = { fleet: SimulatedFleet; records: MemoryRecords; spec: () => ReturnType<typeof fleetSpecOf> };

/** The hosts as the plan found them: those that were up to date run the release already. */
function stageOf(recorded: Recorded, clock: VirtualClock): Stage {
  const { plan } = recorded.rollout;
  const planned = plan.batches.flatMap((batch) => batch.hosts);
  const hosts = [...planned.map(({ name }) => name), ...plan.upToDate];
  const places = recorded.strategy.strategy === "blue-green" ? { secondPort: port + 1 } : {};
  const rates = { requestEveryMs: 50, checkEveryMs: 500, times: timesOf(recorded) };
  const fleet = new SimulatedFleet({ hosts, balancers, port, ...places, ...rates }, clock);
  for (const name of plan.upToDate) fleet.seed(name, after);
  for (const { name, from } of planned) if (from !== undefined) fleet.seed(name, before);
  fleet.programs.set(after, programOf(recorded));
  const records = memoryRecords(() => clock.now());
  return { fleet, records, spec: () => fleetSpecOf({ hosts, balancers, ...places }) };
}

/** Both releases and the wish for the newer one; resolves with the rollout's id. */
async function askFor({ run, strategy }: Recorded, { releases, rollouts }: MemoryRecords): Promise<string> {
  const { smoke: _, ...unsmoked } = usualRun;
  const asRecorded = { ...unsmoked, ...(run.health ? { health: run.health } : {}), stop: run.stop };
  const spec = { ...defaultEnvironment.rollout, ...strategy };
  for (const number of [before, after])
    await releases.create({ ...simulatedRelease({ number, rollout: spec }), run: asRecorded });
  const place = { service: "hello", environment: "integration" };
  const { id } = await rollouts.create({
    ...place,
    release: after,
    reason: "deploy",
    by: "a rehearsal",
    key: "rehearsal",
  });
  return id;
}

/** One server after the other, each from the journal that the one before it left. */
class Lives {
  points = 0;
  deaths = 0;
  readonly #journal = new MemoryJournal();
  readonly #ground;
  readonly #rolloutId: string;
  readonly #killAt: ReadonlySet<number>;

  constructor(stage: Stage & { readonly clock: VirtualClock }, rolloutId: string, killAt: readonly number[]) {
    const others = { alerts: new SimulatedAlerts(), autoscaling: new SimulatedAutoscaling() };
    this.#ground = { ...stage, ...others, notices: { post: async () => undefined } };
    this.#rolloutId = rolloutId;
    this.#killAt = new Set(killAt);
  }

  start(): void {
    const life = { isDead: false };
    const { clock } = this.#ground;
    const world = simulatedWorld(this.#ground, life);
    const kill = (): boolean => {
      if (!this.#killAt.has(this.points++)) return life.isDead;
      life.isDead = true;
      this.deaths++;
      clock.after(restartMs, () => this.start());
      return true;
    };
    const workflows = rolloutWorkflows(world);
    const engine = new MemoryEngine({ workflows, journal: this.#journal, timers: clock, kill });
    void engine.start(rollout(world), this.#rolloutId, { rolloutId: this.#rolloutId });
  }
}
