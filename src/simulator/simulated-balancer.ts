import { SlipwayError } from "#core/errors.ts";
import type { Balancer, BalancerAt, ServerSight } from "#ports/balancer.ts";
import type { Clock } from "#ports/clock.ts";
import type { Time } from "#simulator/simulated-host.ts";
import type { SimulatedServer } from "#simulator/simulated-server.ts";

const pollMs = 50;
const progressMs = 1_000;

/** One load balancer with its servers. Several of them may have the same hosts behind them. */
export class SimulatedBalancer {
  readonly name: string;
  readonly servers: readonly SimulatedServer[];
  /** Why its controls do not answer; it goes on serving. */
  silence: SlipwayError | undefined;
  /** Called after every command that was obeyed. */
  onCommand: (command: "drain" | "admit" | "undrain" | "distrust", server: SimulatedServer) => void = () => {};
  #next = 0;
  #startedAt: number;
  readonly #time: Time;

  constructor(name: string, servers: readonly SimulatedServer[], time: Time) {
    this.name = name;
    this.servers = servers;
    this.#time = time;
    this.#startedAt = time.now();
  }

  /** All that it was told is forgotten. */
  restart(): void {
    this.#startedAt = this.#time.now();
    for (const server of this.servers) server.restart();
  }

  /** The server that gets the next request, in turn. */
  choose(): SimulatedServer | undefined {
    const inService = this.servers.filter((server) => server.isIn);
    return inService[this.#next++ % inService.length];
  }

  counters() {
    const sum = { requests: 0, failed: 0, cut: 0 };
    for (const { served } of this.servers) {
      sum.requests += served.requests;
      sum.failed += served.failed;
    }
    return { ...sum, startedAt: new Date(this.#startedAt).toISOString() };
  }

  server(name: string): SimulatedServer {
    const server = this.servers.find((candidate) => candidate.name === name);
    if (server) return server;
    const words = `${this.name} has no server "${name}"; it has ${this.servers.map((known) => known.name).join(", ")}.`;
    throw new SlipwayError("balancer.unknown-server", words);
  }
}

/** The port, as one process uses it: what polls does so by that process's clock, and ends with it. */
export function balancerPort(balancers: readonly SimulatedBalancer[], clock: Clock): Balancer {
  const ask = async (at: BalancerAt, signal: AbortSignal): Promise<SimulatedBalancer> => {
    signal.throwIfAborted();
    const { name, backend } = at.balancer;
    const balancer = balancers.find((candidate) => candidate.name === name);
    if (balancer?.silence) throw balancer.silence;
    if (balancer && name.endsWith(` ${backend}`)) return balancer;
    const known = balancers.map((candidate) => candidate.name).join(", ");
    throw new SlipwayError("balancer.unknown-server", `There is no backend "${backend}"; there is ${known}.`);
  };
  const command = async (at: BalancerAt, name: string, signal: AbortSignal) => {
    const balancer = await ask(at, signal);
    return { balancer, server: balancer.server(name) };
  };
  return {
    look: async (at, signal) => seenAt(await ask(at, signal)),
    async drain(at, name, signal, onProgress) {
      for (;;) {
        const { balancer, server } = await command(at, name, signal);
        if (server.admin === "ready") {
          server.tell("drain", "ours");
          balancer.onCommand("drain", server);
        }
        if (server.inFlight === 0) return;
        onProgress?.(server.inFlight);
        await clock.sleep(Math.min(progressMs, server.quietInMs || pollMs), signal);
      }
    },
    async distrust(at, name, signal) {
      const { balancer, server } = await command(at, name, signal);
      server.forget();
      balancer.onCommand("distrust", server);
    },
    async admit(at, name, signal, onProgress) {
      for (;;) {
        const { balancer, server } = await command(at, name, signal);
        if (server.admin === "maintenance") {
          server.tell("drain", "ours");
          server.forget();
        } else if (server.belief) {
          if (server.admin === "drain") server.tell("ready", "ours");
          return balancer.onCommand("admit", server);
        }
        onProgress?.(server.sight().reason);
        await clock.sleep(pollMs, signal);
      }
    },
    async undrain(at, name, signal) {
      const { balancer, server } = await command(at, name, signal);
      if (server.admin === "ready") return;
      server.forget();
      server.tell("ready", "ours");
      balancer.onCommand("undrain", server);
    },
    counters: async (at, signal) => (await ask(at, signal)).counters(),
    timers: async (at, signal) => {
      const { startedAt } = (await ask(at, signal)).counters();
      return { since: startedAt, checksToAdmit: 1, longestRequestMs: 1_000 };
    },
  };
}

function seenAt(balancer: SimulatedBalancer): readonly ServerSight[] {
  const { startedAt } = balancer.counters();
  return balancer.servers.map((server) => ({ ...server.sight(), balancerStartedAt: startedAt }));
}
