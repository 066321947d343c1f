import { SlipwayError } from "#core/errors.ts";
import type { Image } from "#core/release.ts";
import type { Balancer } from "#ports/balancer.ts";
import type { Checks } from "#ports/checks.ts";
import type { Clock } from "#ports/clock.ts";
import type { Containers } from "#ports/containers.ts";
import { goodProgram, type Program } from "#simulator/program.ts";
import { balancerPort, SimulatedBalancer } from "#simulator/simulated-balancer.ts";
import {
  type EngineTimes,
  type EngineWorld,
  simulatedContainers,
  usualTimes,
} from "#simulator/simulated-containers.ts";
import { type Cause, SimulatedHost, type Time } from "#simulator/simulated-host.ts";
import { type Loss, SimulatedServer } from "#simulator/simulated-server.ts";

export type FleetWish = {
  readonly hosts: readonly string[];
  readonly balancers: readonly string[];
  readonly port: number;
  /** Every host has a second place at this port, known to the balancers as `<host>-green`. */
  readonly secondPort?: number;
  readonly requestEveryMs: number;
  readonly checkEveryMs: number;
  readonly times?: EngineTimes;
};

/** What watches a fleet is told of everything that happens, when it happens. */
export type FleetWatch = {
  readonly onTurn?: (at: SimulatedServer, turn: "enters" | "leaves", cause: Cause) => void;
  readonly onLoss?: (at: SimulatedServer, loss: Loss) => void;
  readonly onCommand?: (command: "drain" | "admit" | "undrain" | "distrust", at: SimulatedServer) => void;
  readonly onContainer?: EngineWorld["onChange"];
  /** An answer that Slipway's own checks got. */
  readonly onAnswer?: (host: SimulatedHost, port: number, isGood: boolean) => void;
};

/**
 * Hosts, their containers, balancers in front and requests that flow all the time, in one coherent model: a server
 * that gets traffic while its program cannot answer fails requests, and they are counted.
 */
export class SimulatedFleet {
  readonly hosts = new Map<string, SimulatedHost>();
  readonly balancers: readonly SimulatedBalancer[];
  readonly programs = new Map<number, Program>();
  /** Why the registry gives no image now. */
  registryFailure: SlipwayError | undefined;
  watch: FleetWatch = {};
  readonly #wish: FleetWish;
  readonly #time: Time;

  constructor(wish: FleetWish, time: Time) {
    this.#wish = wish;
    this.#time = time;
    for (const name of wish.hosts) this.addHost(name);
    this.balancers = wish.balancers.map((name) => this.#balancer(name));
  }

  /** A machine that runs nothing yet. Balancers know only those that were there before them. */
  addHost(name: string): SimulatedHost {
    const host = new SimulatedHost(name, this.#time);
    host.onChange = (cause) => {
      for (const server of this.serversOf(host)) server.hostChanged(cause);
    };
    this.hosts.set(name, host);
    return host;
  }

  host(name: string): SimulatedHost {
    const host = this.hosts.get(name);
    if (host) return host;
    throw new Error(`there is no simulated host ${name}`);
  }

  serversOf(host: SimulatedHost): SimulatedServer[] {
    return this.balancers?.flatMap(({ servers }) => servers.filter((server) => server.host === host)) ?? [];
  }

  /** A running container of that release on the host, started by rollout 0, in service since long ago. */
  seed(name: string, release: number): void {
    const host = this.host(name);
    const { port } = this.#wish;
    const container = `seed-${release}`;
    const digest = digestOf(release);
    const place = { service: "hello", environment: "integration", host: name, rollout: 0, hostPort: port };
    host.digests.add(digest);
    host.put(
      { ...place, id: container, name: container, release, digest, restarts: 0, state: "running" },
      { ...goodProgram, turnsAfterMs: [0] },
      "theirs",
    );
    for (const server of this.serversOf(host)) {
      server.belief = server.port === port;
      server.change("theirs");
    }
  }

  /** In service at every balancer, at one of its places. */
  isInService(host: SimulatedHost): boolean {
    return this.balancers.every(({ servers }) => servers.some((server) => server.host === host && server.isIn));
  }

  balancerPort(clock: Clock): Balancer {
    return balancerPort(this.balancers, clock);
  }

  containersPort(): Containers {
    return simulatedContainers({
      time: this.#time,
      times: this.#wish.times ?? usualTimes,
      host: (name) => this.host(name),
      program: (release) => this.programs.get(release) ?? goodProgram,
      give: (image) => this.#give(image),
      onChange: (change) => {
        if (change.act === "stop" && change.sight.state === "running")
          for (const server of this.serversOf(change.host)) if (server.port === change.sight.hostPort) server.stopped();
        this.watch.onContainer?.(change);
      },
    });
  }

  checksPort(): Checks {
    return {
      get: async (at, { port }, signal) => {
        signal.throwIfAborted();
        const host = this.host(at.host.name);
        host.reach();
        const kept = host.running(port);
        const isGood = host.answers(port);
        this.watch.onAnswer?.(host, port, isGood);
        if (!kept) return { status: 0, body: "refused", ms: 1 };
        return isGood
          ? { status: 200, body: `commit-${kept.sight.release}`, ms: 1 }
          : { status: 503, body: "not yet", ms: 1 };
      },
    };
  }

  #give({ digest }: Image): void {
    if (this.registryFailure) throw this.registryFailure;
    if (digest.startsWith("sha256:absent")) throw new SlipwayError("image.missing", `There is no ${digest}.`);
  }

  #balancer(name: string): SimulatedBalancer {
    const { port, secondPort, requestEveryMs, checkEveryMs } = this.#wish;
    const servers = [...this.hosts.values()].flatMap((host) => [
      this.#server({ name: host.name, host, port, requestEveryMs, checkEveryMs }),
      ...(secondPort === undefined
        ? []
        : [this.#server({ name: `${host.name}-green`, host, port: secondPort, requestEveryMs, checkEveryMs })]),
    ]);
    const balancer = new SimulatedBalancer(name, servers, this.#time);
    balancer.onCommand = (command, server) => this.watch.onCommand?.(command, server);
    return balancer;
  }

  #server(wish: ConstructorParameters<typeof SimulatedServer>[0]): SimulatedServer {
    const server = new SimulatedServer(wish, this.#time);
    server.onLoss = (loss) => this.watch.onLoss?.(server, loss);
    server.onTurn = (turn, cause) => this.watch.onTurn?.(server, turn, cause);
    return server;
  }
}

export const digestOf = (release: number): string => `sha256:${String(release).padStart(64, "0")}`;
