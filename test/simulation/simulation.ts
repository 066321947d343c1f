import { startRollout } from "#app/start-rollout.ts";
import { type SteerWish, steerRollout } from "#app/steer-rollout.ts";
import { takeUp } from "#app/take-up.ts";
import type { FleetSpec, ServiceGroup } from "#core/fleet.ts";
import type { Pause, Rollout, RolloutReason } from "#core/rollout.ts";
import type { EnvironmentSpec, RolloutSpec, RunSpec } from "#core/service.ts";
import { type KillPoint, MemoryEngine, MemoryJournal } from "#engine/memory-engine.ts";
import { type MemoryRecords, memoryRecords } from "#simulator/memory-records.ts";
import type { Life } from "#simulator/mortal.ts";
import { goodProgram, type Program } from "#simulator/program.ts";
import { SimulatedAlerts } from "#simulator/simulated-alerts.ts";
import { SimulatedAutoscaling } from "#simulator/simulated-autoscaling.ts";
import type { ContainerChange } from "#simulator/simulated-containers.ts";
import { SimulatedFleet } from "#simulator/simulated-fleet.ts";
import { fleetSpecOf, hostSpec, simulatedRelease, simulatedWorld, usualRun } from "#simulator/simulated-world.ts";
import { VirtualClock } from "#simulator/virtual-clock.ts";
import { giveBackDrains } from "#workflows/give-back-drains.ts";
import { rolloutWorkflows } from "#workflows/rollout-workflows.ts";
import type { World } from "#workflows/world.ts";
import { rules } from "./rules.ts";
import { type Rule, Watch } from "./watch.ts";

/** What happens to the world while a rollout runs, at a time counted from its beginning. */
export type Happening = { readonly atMs: number; readonly act: (simulation: Simulation) => unknown };

export type SimulationOptions = {
  readonly hosts?: number;
  /** Machines that the balancers know and fleet.yaml does not yet. */
  readonly spares?: number;
  readonly balancers?: number;
  readonly hasSecondPlaces?: boolean;
  /** What fleet.yaml says must be silent and hold still. */
  readonly holds?: Pick<ServiceGroup, "alerts" | "autoscaling">;
  readonly rollout?: Partial<RolloutSpec>;
  readonly run?: Partial<RunSpec>;
  readonly promote?: EnvironmentSpec["promote"];
  readonly verify?: EnvironmentSpec["verify"];
  /** Of release 2, the first that is rolled out; release 1 runs and is good. */
  readonly program?: Program;
  readonly happenings?: readonly Happening[];
  /** Asked at every point; true kills. It is started again after `restartMs`. */
  readonly kill?: (point: KillPoint, deaths: number) => boolean;
  readonly restartMs?: number | "never";
  /** What a person chooses at a pause, and after how long; undefined: nobody chooses. */
  readonly choose?: (
    pause: Pause,
    count: number,
  ) => (Pick<SteerWish, "action" | "hosts"> & { afterMs: number }) | undefined;
  readonly rules?: Readonly<Record<string, Rule>>;
  /** Breaks something on purpose. */
  readonly change?: (world: World) => World;
};

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
const port = 8080;
const secondPort = 8081;
const place = { service: "hello", environment: "integration" } as const;
const patienceMs = 10_000;
const triesOfPerson = 5;

/** Rollouts over hosts that run release 1 under traffic, on a virtual clock, through every death of the server. */
export class Simulation {
  readonly clock = new VirtualClock();
  readonly fleet: SimulatedFleet;
  readonly watch: Watch;
  readonly records: MemoryRecords;
  readonly alerts = new SimulatedAlerts();
  readonly autoscaling = new SimulatedAutoscaling();
  readonly journal = new MemoryJournal();
  readonly points: KillPoint[] = [];
  readonly options: SimulationOptions;
  /** The fleet.yaml in force. */
  spec: FleetSpec;
  /** What the balancers had counted when the last rollout ended. */
  traffic = { requests: 0, failed: 0 };
  #life: Life = { isDead: true };
  #desk: { world: World; engine: MemoryEngine } | undefined;
  #releases = 0;
  #pauses = 0;
  readonly #sent: ContainerChange[] = [];
  readonly #answered = new Set<string>();

  constructor(options: SimulationOptions = {}) {
    this.options = options;
    const hosts = names("web-", options.hosts ?? 4);
    const spares = names("spare-", options.spares ?? 0);
    const balancers = Array.from({ length: options.balancers ?? 1 }, (_, index) => `front-${index + 1} hello`);
    const places = options.hasSecondPlaces ? { secondPort } : {};
    const times = { requestEveryMs: 50, checkEveryMs: 500 };
    this.fleet = new SimulatedFleet({ hosts: [...hosts, ...spares], balancers, port, ...places, ...times }, this.clock);
    for (const host of hosts) this.fleet.seed(host, 1);
    this.spec = fleetSpecOf({ hosts, balancers, ...places, ...(options.holds ? { holds: options.holds } : {}) });
    const people: Rule = () => ({
      onRollout: ({ id, pause, endedAt }) => {
        if (pause) this.#answer(id, pause);
        if (endedAt) this.traffic = this.#served();
      },
    });
    const wire: Rule = () => ({ onContainer: (change) => void this.#sent.push(change) });
    this.watch = new Watch({ ...(options.rules ?? rules), people, wire }, this);
    this.records = this.watch.overhear(memoryRecords(() => this.clock.now()));
  }

  /** Runs until nothing can happen any more; resolves with the first rollout as it stands then. */
  async run(): Promise<Rollout> {
    await this.#release(goodProgram);
    await this.#wasLive();
    this.#start();
    for (const { atMs, act } of this.options.happenings ?? []) this.clock.after(atMs, () => void act(this));
    // Whoever asked hears nothing from a server that dies in this very moment; what was recorded goes on.
    void this.commit(this.options.program ?? goodProgram, "deploy");
    await this.clock.run();
    this.watch.tell("onEnd");
    const [first] = this.rollouts;
    if (!first) throw new Error("the first rollout was not recorded");
    return first;
  }

  get deaths(): number {
    return this.watch.deaths;
  }

  get violations() {
    return this.watch.violations;
  }

  get rollouts(): Rollout[] {
    return [...this.watch.rollouts.values()].slice(1);
  }

  rolloutOf(id: string): Rollout {
    const kept = this.watch.rollouts.get(id);
    if (!kept) throw new Error(`no rollout ${id}`);
    return kept;
  }

  /** The rollout that runs or is paused now. */
  get open(): Rollout | undefined {
    return this.rollouts.find(({ state }) => state === "running" || state === "paused");
  }

  /** A new release of that program, on its way to every host. */
  async commit(program: Program, reason: RolloutReason = "commit", run: Partial<RunSpec> = {}): Promise<Rollout> {
    const release = await this.#release(program, run);
    return this.withServer((desk) => startRollout(desk, release, place, reason));
  }

  /** What a person does by the API: now, or when the server is up again. */
  async withServer<T>(ask: (desk: { world: World; engine: MemoryEngine }) => Promise<T>): Promise<T> {
    while (this.#life.isDead || !this.#desk) await new Promise<void>((resolve) => this.clock.after(50, resolve));
    return ask(this.#desk);
  }

  /** A command that a dead server once sent arrives again, late. */
  async sendAgain(which: number): Promise<void> {
    const sent = this.#sent.at(-1 - which);
    if (!sent) return;
    const { host, sight, turn, act } = sent;
    const [network] = Object.values(this.spec.networks);
    if (!network) return;
    const at = { network, host: hostSpec(host.name), turn: { place: "integration/hello", number: turn } };
    const containers = this.fleet.containersPort();
    const signal = new AbortController().signal;
    const sending =
      act === "stop"
        ? containers.stop(at, sight.name, usualRun.stop, signal)
        : containers.startAgain(at, sight.name, signal);
    await sending.catch(() => "refused");
  }

  /** The process dies now, in the middle of whatever it does. */
  kill(): void {
    if (this.#life.isDead) return;
    this.#life.isDead = true;
    this.watch.deaths++;
    this.watch.tell("onDeath");
    const { restartMs = 1_000 } = this.options;
    if (restartMs !== "never") this.clock.after(restartMs, () => this.#start());
  }

  #start(): void {
    const life = { isDead: false };
    this.watch.starts++;
    const notices = {
      post: async (_channel: unknown, notice: Parameters<World["notices"]["post"]>[1]) => {
        this.watch.tell("onNotice", notice);
        return undefined;
      },
    };
    const simulated = simulatedWorld({ ...this.#ground(), notices }, life);
    const world = this.options.change?.(simulated) ?? simulated;
    const engine = new MemoryEngine({
      workflows: rolloutWorkflows(world),
      journal: this.journal,
      timers: this.clock,
      kill: (point) => this.#pass(point, life),
    });
    this.#life = life;
    this.#desk = { world, engine };
    void takeUp(world, engine);
  }

  #ground() {
    const { clock, fleet, records, alerts, autoscaling } = this;
    return { clock, fleet, records, alerts, autoscaling, spec: () => this.spec };
  }

  /** A server that was started long after the last one had died, and that knows nothing but the records. */
  successor(): { world: World; engine: MemoryEngine } {
    const life = { isDead: false };
    const notices = { post: async () => undefined };
    const world = { ...simulatedWorld({ ...this.#ground(), notices }, life), incarnation: "the next" };
    return { world, engine: new MemoryEngine({ workflows: [giveBackDrains(world)], timers: this.clock }) };
  }

  #pass(point: KillPoint, life: Life): boolean {
    if (life.isDead) return true;
    this.points.push(point);
    if (this.options.kill?.(point, this.deaths)) this.kill();
    else this.watch.tell("onPoint", point);
    return life.isDead;
  }

  #served(): { requests: number; failed: number } {
    const sums = this.fleet.balancers.map((balancer) => balancer.counters());
    return {
      requests: sums.reduce((sum, { requests }) => sum + requests, 0),
      failed: sums.reduce((sum, { failed }) => sum + failed, 0),
    };
  }

  #answer(id: string, pause: Pause): void {
    if (this.#answered.has(`${id} ${pause.number}`)) return;
    this.#answered.add(`${id} ${pause.number}`);
    const choice = this.options.choose?.(pause, this.#pauses++);
    if (!choice) return;
    let isHeard = false;
    const hear = () => {
      isHeard = true;
    };
    const steer = (tries: number) => {
      if (isHeard || tries === 0) return;
      const { afterMs: _, ...chosen } = choice;
      const wish = { ...chosen, pause: pause.number };
      void this.withServer((desk) => steerRollout(desk, id, wish).then(hear, hear));
      // A person whose request died with the server asks again.
      this.clock.after(patienceMs, () => steer(tries - 1));
    };
    this.clock.after(choice.afterMs, () => steer(triesOfPerson));
  }

  async #release(program: Program, run: Partial<RunSpec> = {}) {
    const number = ++this.#releases;
    this.fleet.programs.set(number, program);
    const { rollout: spec, run: usual, promote, verify } = this.options;
    const wish = { number, run: { ...usual, ...run }, promote, verify, ...(spec ? { rollout: spec } : {}) };
    return this.records.releases.create(simulatedRelease(wish));
  }

  /** Release 1 was rolled out some time ago. */
  async #wasLive(): Promise<void> {
    const { id } = await this.records.rollouts.create({ ...place, key: "first", release: 1, reason: "deploy", by: "" });
    await this.records.rollouts.update(id, { state: "succeeded" });
  }
}
