import { SlipwayError } from "#core/errors.ts";
import type { Balancer, BalancerAt, BalancerCounters, BalancerTimers, ServerSight } from "#ports/balancer.ts";
import type { Clock } from "#ports/clock.ts";

/** What a simulated balancer knows of one server. */
export type SimulatedServer = {
  readonly name: string;
  admin: "ready" | "drain" | "maintenance";
  /** What the last check said; null: there was none since it was told to forget. */
  belief: boolean | null;
  inFlight: number;
};

export type SimulatedBackend = {
  readonly clock: Clock;
  readonly backend: string;
  readonly servers: ReadonlyMap<string, SimulatedServer>;
  /** ISO time; another one after a restart. */
  startedAt(): string;
  counted(): Omit<BalancerCounters, "startedAt">;
  timers?(): BalancerTimers;
};

const pollMs = 50;

export function stateOf({ admin, belief }: SimulatedServer): ServerSight["state"] {
  if (admin === "maintenance") return "maintenance";
  if (admin === "drain") return "draining";
  return belief === null ? "checking" : belief ? "in-service" : "down";
}

/** A balancer over servers that somebody else lets live: who fills `inFlight`, and checks, is the simulation's affair. */
export function simulatedBalancer(backend: SimulatedBackend): Balancer {
  const { clock, startedAt } = backend;
  const all = (at: BalancerAt, signal: AbortSignal) => {
    signal.throwIfAborted();
    if (at.balancer.backend !== backend.backend) throw unknown(at.balancer.backend, [backend.backend]);
    return backend.servers;
  };
  const one = (at: BalancerAt, name: string, signal: AbortSignal): SimulatedServer => {
    const servers = all(at, signal);
    const server = servers.get(name);
    if (!server) throw unknown(name, [...servers.keys()]);
    return server;
  };
  return {
    look: async (at, signal) => [...all(at, signal).values()].map((server) => sightOf(server, startedAt())),
    async drain(at, name, signal, onProgress) {
      const server = one(at, name, signal);
      for (;;) {
        if (server.admin === "ready") server.admin = "drain";
        if (server.inFlight === 0) return;
        onProgress?.(server.inFlight);
        await clock.sleep(pollMs, signal);
      }
    },
    async distrust(at, name, signal) {
      one(at, name, signal).belief = null;
    },
    async admit(at, name, signal, onProgress) {
      const server = one(at, name, signal);
      // What leaves maintenance was not checked while it was in it.
      if (server.admin === "maintenance") Object.assign(server, { admin: "drain", belief: null });
      while (server.belief !== true || server.admin !== "ready") {
        if (server.belief === true) server.admin = "ready";
        else onProgress?.(server.belief === null ? "not yet checked" : "L7STS/503");
        await clock.sleep(pollMs, signal);
      }
    },
    async undrain(at, name, signal) {
      const server = one(at, name, signal);
      if (server.admin !== "ready") Object.assign(server, { admin: "ready", belief: null });
    },
    async counters(at, signal) {
      all(at, signal);
      return { ...backend.counted(), startedAt: startedAt() };
    },
    async timers(at, signal) {
      all(at, signal);
      return { since: startedAt(), ...backend.timers?.() };
    },
  };
}

const sightOf = (server: SimulatedServer, balancerStartedAt: string): ServerSight => ({
  server: server.name,
  state: stateOf(server),
  inFlight: server.inFlight,
  checkOk: server.admin !== "maintenance" && server.belief === true,
  reason: server.belief ? "L7OK" : "L7STS/503",
  balancerStartedAt,
});

const unknown = (name: string, names: readonly string[]): SlipwayError =>
  new SlipwayError("balancer.unknown-server", `The simulated balancer has no ${name}; it has ${names.join(", ")}.`);
