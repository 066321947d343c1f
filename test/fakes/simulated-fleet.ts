import { SlipwayError } from "#core/errors.ts";
import type { Balancer } from "#ports/balancer.ts";
import type { Checks } from "#ports/checks.ts";
import type { Clock } from "#ports/clock.ts";
import type { ContainerSight, Containers } from "#ports/containers.ts";
import { type SimulatedServer, simulatedBalancer, stateOf } from "./simulated-balancer.ts";

/** What a release's program does once it runs. */
export type Behaviour = "good" | "unhealthy" | "exits";

export type SimulatedHost = SimulatedServer & {
  readonly containers: Map<string, ContainerSight>;
  readonly digests: Set<string>;
  isReachable: boolean;
};

const tickMs = 50;
const requestMs = 120;
const checkEveryMs = 500;

/**
 * Hosts, their containers, a balancer in front and requests that flow all the time, in one coherent model: a server
 * that gets traffic while its program cannot answer fails requests, and they are counted.
 */
export class SimulatedFleet {
  readonly hosts: ReadonlyMap<string, SimulatedHost>;
  readonly behaviours = new Map<number, Behaviour>();
  /** What a safety rule was seen to be broken by, in words. */
  readonly violations: string[] = [];
  failedRequests = 0;
  leastInService: number;
  readonly #clock: Clock;
  readonly #end = new AbortController();

  constructor(clock: Clock, names: readonly string[]) {
    this.#clock = clock;
    this.hosts = new Map(names.map((name) => [name, newHost(name)]));
    this.leastInService = names.length;
    void this.#live().catch(() => "ended by stop()");
  }

  /** Puts a running container of that release on every host, in service. */
  seed(release: number): void {
    for (const host of this.hosts.values()) {
      const name = `seed-${release}`;
      host.containers.set(name, sightOf({ name, host: host.name, release, rollout: 0, state: "running" }));
      host.digests.add(digestOf(release));
      host.belief = true;
    }
    this.leastInService = this.inService().length;
  }

  inService(): SimulatedHost[] {
    return [...this.hosts.values()].filter((host) => stateOf(host) === "in-service");
  }

  runningRelease(name: string): number | undefined {
    return this.running(this.host(name))?.release;
  }

  running(host: SimulatedHost): ContainerSight | undefined {
    return [...host.containers.values()].find(({ state }) => state === "running");
  }

  host(name: string): SimulatedHost {
    const host = this.hosts.get(name);
    if (!host) throw new Error(`no simulated host ${name}`);
    return host;
  }

  stop(): void {
    this.#end.abort();
  }

  canAnswer(host: SimulatedHost): boolean {
    const running = this.running(host);
    return host.isReachable && running !== undefined && (this.behaviours.get(running.release) ?? "good") === "good";
  }

  /** Requests come and go, and the balancer checks its servers, all on the virtual clock. */
  async #live(): Promise<void> {
    for (let elapsed = 0; ; elapsed += tickMs) {
      for (const host of this.hosts.values()) {
        if (elapsed % checkEveryMs === 0 || host.belief === null) host.belief = this.canAnswer(host);
        if (stateOf(host) === "in-service") this.#serve(host);
      }
      this.leastInService = Math.min(this.leastInService, this.inService().length);
      await this.#clock.sleep(tickMs, this.#end.signal);
    }
  }

  #serve(host: SimulatedHost): void {
    if (!this.canAnswer(host)) this.failedRequests++;
    host.inFlight++;
    void this.#clock.sleep(requestMs, this.#end.signal).then(
      () => {
        host.inFlight = Math.max(0, host.inFlight - 1);
      },
      () => "ended by stop()",
    );
  }

  balancer(): Balancer {
    return simulatedBalancer({
      clock: this.#clock,
      backend: "hello",
      servers: this.hosts,
      startedAt: () => "2026-01-01T00:00:00.000Z",
      counted: () => ({ requests: 0, failed: this.failedRequests, cut: 0 }),
    });
  }

  checks(): Checks {
    return {
      get: async (at) => {
        const host = this.#reach(at.host.name);
        const running = this.running(host);
        if (!running) return { status: 0, body: "refused", ms: 1 };
        return this.canAnswer(host)
          ? { status: 200, body: `commit-${running.release}`, ms: 1 }
          : { status: 503, body: "not yet", ms: 1 };
      },
    };
  }

  #reach(name: string): SimulatedHost {
    const host = this.host(name);
    if (!host.isReachable) throw new SlipwayError("host.unreachable", `Could not reach ${name}.`);
    return host;
  }

  containers(): Containers {
    return {
      look: async (at) => {
        const host = this.#reach(at.host.name);
        return {
          version: "sim",
          apiVersion: "1.41",
          systemTime: new Date(this.#clock.now()).toISOString(),
          containers: [...host.containers.values()],
          digests: [...host.digests],
        };
      },
      pull: async (at, image, _login, signal) => {
        await this.#clock.sleep(300, signal);
        this.#reach(at.host.name).digests.add(image.digest);
      },
      stop: async (at, name, _stop, signal) => {
        const host = this.#reach(at.host.name);
        if (host.inFlight > 0 && host.containers.get(name)?.state === "running") {
          this.violations.push(`${host.name}: stopped with ${host.inFlight} requests in flight`);
        }
        this.#change(host, name, "stopped");
        await this.#clock.sleep(80, signal);
      },
      start: async (at, { identity }, signal) => {
        const host = this.#reach(at.host.name);
        const name = `r${identity.release}-${identity.rollout}`;
        const other = this.running(host);
        if (other && other.name !== name) throw new SlipwayError("container.port-taken", `${other.name} has the port`);
        await this.#clock.sleep(150, signal);
        const exits = this.behaviours.get(identity.release) === "exits";
        host.containers.set(name, sightOf({ ...identity, name, state: exits ? "stopped" : "running" }));
        return host.containers.get(name) as ContainerSight;
      },
      startAgain: async (at, name, signal) => {
        await this.#clock.sleep(100, signal);
        this.#change(this.#reach(at.host.name), name, "running");
      },
      lastLines: async () => "Error: the simulated program says why",
      prune: async (at, { names }) => {
        for (const name of names) this.#reach(at.host.name).containers.delete(name);
      },
    };
  }

  #change(host: SimulatedHost, name: string, state: ContainerSight["state"]): void {
    const kept = host.containers.get(name);
    if (!kept) throw new SlipwayError("container.start-failed", `${host.name} has no container ${name}`);
    host.containers.set(name, { ...kept, state });
  }
}

export const digestOf = (release: number): string => `sha256:${String(release).padStart(64, "0")}`;

const newHost = (name: string): SimulatedHost => ({
  name,
  containers: new Map(),
  digests: new Set(),
  admin: "ready",
  belief: false,
  inFlight: 0,
  isReachable: true,
});

const sightOf = (part: Pick<ContainerSight, "name" | "host" | "release" | "rollout" | "state">): ContainerSight => ({
  ...part,
  id: part.name,
  restarts: 0,
  service: "hello",
  environment: "integration",
  digest: digestOf(part.release),
  hostPort: 8080,
  ...(part.state === "stopped" ? { exitCode: 1 } : {}),
});
