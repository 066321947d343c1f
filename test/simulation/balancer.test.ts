import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#adapters/clock/system-clock.ts";
import { type BalancerBench, balancerContract } from "#ports/balancer.contract.ts";
import { type SimulatedServer, simulatedBalancer, stateOf } from "#test/fakes/simulated-balancer.ts";

const checkEveryMs = 25;
const requestMs = 10;

balancerContract("The simulated balancer", async () => new SimulatedBench());

type Program = {
  isRunning: boolean;
  isHealthy: boolean;
  served: number;
  held: number;
  holding: Promise<void> | undefined;
};

/** Servers that live by themselves, in real time: the fake keeps the same promises as HAProxy does. */
class SimulatedBench implements BalancerBench {
  readonly servers = ["web-1", "web-2", "web-3"];
  readonly at = {
    network: { name: "here", dockerSocket: "/var/run/docker.sock" },
    balancer: { kind: "haproxy", name: "simulated", socket: "unix:///nowhere", backend: "hello" },
  } as const;
  readonly #known = new Map<string, SimulatedServer>(
    this.servers.map((name) => [name, { name, admin: "ready", belief: true, inFlight: 0 }]),
  );
  readonly #programs = new Map<string, Program>(
    this.servers.map((name) => [name, { isRunning: true, isHealthy: true, served: 0, held: 0, holding: undefined }]),
  );
  readonly #checks = setInterval(() => this.#check(), checkEveryMs);
  #startedMs = Date.now() - 1_000;
  #requests = 0;
  #longestMs = 0;
  readonly balancer = simulatedBalancer({
    clock: systemClock(),
    backend: "hello",
    servers: this.#known,
    startedAt: () => new Date(this.#startedMs).toISOString(),
    counted: () => ({ requests: this.#requests, failed: 0, cut: 0 }),
    timers: () => ({ longestRequestMs: this.#longestMs, checksToAdmit: 1 }),
  });

  async request(): Promise<number> {
    const ready = [...this.#known.values()].filter((server) => stateOf(server) === "in-service");
    const server = ready[this.#requests++ % ready.length];
    if (!server) return 503;
    const program = this.#program(server.name);
    if (!program.isRunning) return 502;
    const startedMs = Date.now();
    server.inFlight++;
    program.served++;
    if (program.holding) program.held++;
    await (program.holding ?? wait(requestMs));
    server.inFlight--;
    this.#longestMs = Math.max(this.#longestMs, Date.now() - startedMs);
    return program.isRunning ? 200 : 0;
  }

  keptClient() {
    return { request: () => this.request(), close: () => {} };
  }

  traffic() {
    const asked: Promise<number>[] = [];
    const timer = setInterval(() => asked.push(this.request()), 5);
    return async () => {
      clearInterval(timer);
      const statuses = await Promise.all(asked);
      return { requests: statuses.length, failed: statuses.filter((status) => status !== 200).length, cut: 0 };
    };
  }

  program(server: string) {
    const program = this.#program(server);
    return {
      stop: async () => void Object.assign(program, { isRunning: false }),
      start: async () => void Object.assign(program, { isRunning: true }),
      setHealthy: (isHealthy: boolean) => void Object.assign(program, { isHealthy }),
      hold() {
        const { promise, resolve } = Promise.withResolvers<void>();
        Object.assign(program, { holding: promise, held: 0 });
        const release = () => {
          program.holding = undefined;
          resolve();
        };
        return { held: () => program.held, release };
      },
      served: () => program.served,
    };
  }

  async switchOff(server: string): Promise<void> {
    this.#server(server).admin = "maintenance";
  }

  async restart(): Promise<void> {
    for (const server of this.#known.values()) Object.assign(server, { admin: "ready", belief: true });
    this.#startedMs = Date.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#checks);
  }

  #check(): void {
    for (const server of this.#known.values()) {
      const { isRunning, isHealthy } = this.#program(server.name);
      if (server.admin !== "maintenance") server.belief = isRunning && isHealthy;
    }
  }

  #server(name: string): SimulatedServer {
    const server = this.#known.get(name);
    if (!server) throw new Error(`no server ${name}`);
    return server;
  }

  #program(name: string): Program {
    const program = this.#programs.get(name);
    if (!program) throw new Error(`no program ${name}`);
    return program;
  }
}
