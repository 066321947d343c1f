import { generateKeyPairSync } from "node:crypto";
import { ed25519Signer } from "#adapters/signing/ed25519-signer.ts";
import type { FleetSpec } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import type { Rollout } from "#core/rollout.ts";
import type { RolloutSpec } from "#core/service.ts";
import { defaultEnvironment } from "#core/service.ts";
import { type KillPoint, MemoryEngine, MemoryJournal } from "#engine/memory-engine.ts";
import { postNotice } from "#workflows/announce.ts";
import { putBackHost } from "#workflows/put-back-host.ts";
import { replaceHost } from "#workflows/replace-host.ts";
import { rollout } from "#workflows/rollout.ts";
import { startBeside } from "#workflows/start-beside.ts";
import type { World } from "#workflows/world.ts";
import { type MemoryRecords, memoryRecords } from "./memory-records.ts";
import { type Behaviour, digestOf, SimulatedFleet } from "./simulated-fleet.ts";
import { VirtualClock } from "./virtual-clock.ts";

export type SimulationOptions = {
  readonly hosts?: number;
  readonly rollout?: Partial<RolloutSpec>;
  readonly behaviour?: Behaviour;
  /** Where the server dies, each time it is asked; it is started again at once. */
  readonly kill?: (point: KillPoint, deaths: number) => boolean;
  /** Called at every point before it is decided whether to die there. */
  readonly onPoint?: (point: KillPoint, simulation: Simulation) => void;
};

/** A rollout of release 2 over hosts that run release 1 under traffic, on a virtual clock. */
export class Simulation {
  readonly clock = new VirtualClock();
  readonly fleet: SimulatedFleet;
  readonly records: MemoryRecords;
  readonly journal = new MemoryJournal();
  readonly points: KillPoint[] = [];
  deaths = 0;
  readonly #options: SimulationOptions;
  readonly #world: World;

  constructor(options: SimulationOptions = {}) {
    this.#options = options;
    const names = Array.from({ length: options.hosts ?? 4 }, (_, index) => `web-${index + 1}`);
    this.fleet = new SimulatedFleet(this.clock, names);
    this.fleet.seed(1);
    this.fleet.behaviours.set(2, options.behaviour ?? "good");
    this.records = memoryRecords(() => this.clock.now());
    this.#world = worldOf(this.clock, this.fleet, { records: this.records, names });
  }

  /** Runs the rollout to its end, through every death. */
  async run(): Promise<Rollout> {
    try {
      for (const number of [1, 2]) await this.records.releases.create(releaseOf(number, this.#options.rollout ?? {}));
      const place = { service: "hello", environment: "integration", by: "a simulation" };
      const made = await this.records.rollouts.create({ ...place, release: 2, reason: "deploy", key: "only" });
      let engine = this.#engine();
      await engine.start(rollout(this.#world), made.id, { rolloutId: made.id });
      for (;;) {
        const ended = await Promise.race([engine.result(made.id).then(() => true), engine.death.then(() => false)]);
        if (ended) break;
        this.deaths++;
        engine = this.#engine();
      }
      return (await this.records.rollouts.get(made.id)) as Rollout;
    } finally {
      this.fleet.stop();
      this.clock.stop();
    }
  }

  #engine(): MemoryEngine {
    const world = this.#world;
    return new MemoryEngine({
      workflows: [rollout(world), replaceHost(world), putBackHost(world), startBeside(world), postNotice(world)],
      journal: this.journal,
      timers: this.clock,
      kill: (point) => {
        this.points.push(point);
        this.#options.onPoint?.(point, this);
        return this.#options.kill?.(point, this.deaths) ?? false;
      },
    });
  }
}

const signer = ed25519Signer(generateKeyPairSync("ed25519").privateKey);

const never = (): never => {
  throw new Error("a simulated rollout does not need this");
};

function worldOf(
  clock: VirtualClock,
  fleet: SimulatedFleet,
  { records, names }: { records: MemoryRecords; names: string[] },
): World {
  return {
    ...records,
    clock,
    containers: fleet.containers(),
    balancer: fleet.balancer(),
    checks: fleet.checks(),
    source: { heads: never, checkout: never },
    workspaces: { open: never, runStep: never, readReports: never, readText: never, close: never },
    images: { find: never, buildAndPush: never, ping: never, engine: never },
    prober: { start: never },
    notices: { post: never },
    alerts: { silence: async () => {}, lift: async () => {} },
    autoscaling: { suspended: async () => [], suspend: async () => {}, resume: async () => {} },
    metrics: { number: async () => undefined },
    disks: { space: async () => undefined },
    secrets: { reveal: never, keep: never, known: () => [] },
    fleet: () => fleetSpec(names),
    parseService: never,
    mask: (text) => text,
    rolloutUrl: (id) => `http://127.0.0.1/#/rollouts/${id}`,
    incarnation: "simulation",
    signer,
  };
}

const fleetSpec = (names: readonly string[]): FleetSpec => ({
  sources: [],
  registries: {},
  networks: { private: { name: "private", dockerSocket: "/var/run/docker.sock" } },
  notify: [],
  environments: {
    integration: {
      name: "integration",
      network: "private",
      drift: "show",
      services: {
        hello: {
          hosts: names.map((name, index) => ({ name, address: `10.0.0.${index + 1}`, server: name })),
          balancers: [{ kind: "haproxy", name: "haproxy hello", socket: "unix:///x", backend: "hello" }],
          env: {},
        },
      },
    },
  },
});

const releaseOf = (number: number, change: Partial<RolloutSpec>): Omit<Release, "number" | "createdAt"> => ({
  service: "hello",
  buildId: `build-${number}`,
  buildNumber: number,
  source: "hello",
  commit: { sha: `commit-${number}`, branch: "main", subject: "", author: "" },
  image: { repository: "registry/acme/hello", digest: digestOf(number) },
  run: {
    port: 8080,
    network: "bridge",
    env: {},
    secrets: [],
    volumes: [],
    stop: { signal: "SIGTERM", timeoutMs: 10_000 },
    limits: {},
    health: { path: "/healthz", intervalMs: 200, timeoutMs: 1_000, healthyAfter: 3, stableMs: 500, deadlineMs: 10_000 },
    smoke: { path: "/version", expect: "{{ commit }}", status: 200 },
  },
  environments: { integration: { ...defaultEnvironment, rollout: { ...defaultEnvironment.rollout, ...change } } },
});
