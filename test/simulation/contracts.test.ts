import { systemClock } from "#adapters/clock/system-clock.ts";
import { realTimers } from "#engine/acts.ts";
import { type BalancerBench, balancerContract } from "#ports/balancer.contract.ts";
import { containersContract } from "#ports/containers.contract.ts";
import { digestOf, SimulatedFleet } from "#simulator/simulated-fleet.ts";
import type { Time } from "#simulator/simulated-host.ts";
import { hostSpec, simulatedRelease, usualRun } from "#simulator/simulated-world.ts";

/** The contracts ask in real time; so the simulated parts live in it here. */
const realTime = (): Time => ({ ...realTimers, ...systemClock() });
const network = { name: "private", dockerSocket: "/var/run/docker.sock" };
const fleetOf = (hosts: readonly string[]) =>
  new SimulatedFleet(
    { hosts, balancers: ["front hello"], port: 8080, requestEveryMs: 0, checkEveryMs: 30 },
    realTime(),
  );

balancerContract("the simulated balancer", async (): Promise<BalancerBench> => {
  const fleet = fleetOf(["web-1", "web-2"]);
  for (const name of fleet.hosts.keys()) fleet.seed(name, 1);
  const [front] = fleet.balancers;
  if (!front) throw new Error("there is no balancer");
  const holds = new Map<string, { held: number; open: Promise<void> }>();
  const request = async (): Promise<number> => {
    const server = front.choose();
    if (!server) return 503;
    server.held++;
    const hold = holds.get(server.name);
    if (hold) {
      hold.held++;
      await hold.open;
    }
    server.held--;
    const isGood = server.host.answers(server.port);
    server.countOne(!isGood);
    return isGood ? 200 : 502;
  };
  const hostOf = (name: string) => fleet.host(name);
  return {
    balancer: fleet.balancerPort(systemClock()),
    at: { network, balancer: { kind: "haproxy", name: front.name, socket: "unix:///x", backend: "hello" } },
    servers: [...fleet.hosts.keys()],
    request,
    keptClient: () => ({ request, close: () => {} }),
    traffic() {
      const total = { requests: 0, failed: 0, cut: 0 };
      const timer = setInterval(async () => {
        total.requests++;
        if ((await request()) !== 200) total.failed++;
      }, 1);
      return async () => {
        clearInterval(timer);
        return total;
      };
    },
    program: (name) => ({
      stop: async () => hostOf(name).stop("seed-1", "ours"),
      start: async () => hostOf(name).run("seed-1", "ours"),
      setHealthy: (isHealthy) => hostOf(name).setAnswering("seed-1", isHealthy),
      hold() {
        const { promise, resolve } = Promise.withResolvers<void>();
        const hold = { held: 0, open: promise };
        holds.set(name, hold);
        const release = () => {
          holds.delete(name);
          resolve();
        };
        return { held: () => hold.held, release };
      },
      served: () => front.server(name).served.requests,
    }),
    restart: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      front.restart();
    },
    switchOff: async (name) => front.server(name).tell("maintenance", "theirs"),
    [Symbol.asyncDispose]: async () => undefined,
  };
});

let turns = 0;
let rollouts = 0;

containersContract("the simulated engine", () => {
  const fleet = fleetOf(["web-1"]);
  const { image, commit } = simulatedRelease({ number: 2 });
  return {
    containers: fleet.containersPort(),
    at: { network, host: hostSpec("web-1"), turn: { place: "integration/hello", number: ++turns } },
    repository: image.repository,
    freePort: async () => 8081,
    absent: { ...image, digest: `sha256:absent${digestOf(0).slice(13)}` },
    wish: async () => {
      const identity = { service: "hello", environment: "integration", host: "web-1", release: 2, rollout: ++rollouts };
      return { identity, image, commit: commit.sha, run: usualRun, hostPort: 8080, secrets: {} };
    },
  };
});
