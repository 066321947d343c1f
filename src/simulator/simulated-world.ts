import type { FleetSpec, HostSpec, ServiceGroup } from "#core/fleet.ts";
import type { Release } from "#core/release.ts";
import { defaultEnvironment, type EnvironmentSpec, type RolloutSpec, type RunSpec } from "#core/service.ts";
import type { Notices } from "#ports/notices.ts";
import type { Signer } from "#ports/signer.ts";
import { type MemoryRecords, memoryRecords } from "#simulator/memory-records.ts";
import { type Life, mortal } from "#simulator/mortal.ts";
import type { SimulatedAlerts } from "#simulator/simulated-alerts.ts";
import type { SimulatedAutoscaling } from "#simulator/simulated-autoscaling.ts";
import { digestOf, type SimulatedFleet } from "#simulator/simulated-fleet.ts";
import type { VirtualClock } from "#simulator/virtual-clock.ts";
import { oneAtATime } from "#workflows/one-at-a-time.ts";
import type { World } from "#workflows/world.ts";

export type Ground = {
  readonly clock: VirtualClock;
  readonly fleet: SimulatedFleet;
  readonly records: MemoryRecords;
  readonly notices: Notices;
  readonly alerts: SimulatedAlerts;
  readonly autoscaling: SimulatedAutoscaling;
  readonly spec: () => FleetSpec;
};

export { memoryRecords };

/** Everything that one process of the server needs, on simulated hosts and a virtual clock, until the process dies. */
export function simulatedWorld(
  { clock, fleet, records, notices, alerts, autoscaling, spec }: Ground,
  life: Life,
): World {
  const ownClock = { now: () => clock.now(), ...mortal({ sleep: clock.sleep.bind(clock) }, life) };
  const kept = Object.fromEntries(Object.entries(records).map(([name, port]) => [name, mortal(port, life)]));
  return {
    ...(kept as MemoryRecords),
    clock: ownClock,
    containers: mortal(fleet.containersPort(), life),
    balancer: mortal(fleet.balancerPort(ownClock), life),
    checks: mortal(fleet.checksPort(), life),
    notices: mortal(notices, life),
    source: { heads: unneeded, checkout: unneeded },
    workspaces: { open: unneeded, runStep: unneeded, readReports: unneeded, readText: unneeded, close: unneeded },
    images: {
      find: unneeded,
      buildAndPush: unneeded,
      layers: async () => [{ digest: "sha256:0", bytes: 1 }],
      ping: unneeded,
      engine: unneeded,
    },
    prober: { start: unneeded },
    alerts: mortal(alerts.port(), life),
    autoscaling: mortal(autoscaling.port(), life),
    metrics: { number: async () => undefined },
    machines: { look: async () => ({}) },
    oneAtATime: oneAtATime(),
    secrets: { reveal: unneeded, keep: unneeded, known: () => [] },
    fleet: spec,
    parseService: unneeded,
    mask: (text) => text,
    rolloutUrl: (id) => `http://127.0.0.1/#/rollouts/${id}`,
    incarnation: "simulated",
    signer,
  };
}

/** Nobody checks a simulated receipt. */
const signer: Signer = {
  sign: async (payloadType, payload) => ({ payloadType, payload, signatures: [{ keyid: "simulated", sig: "" }] }),
  publicKey: () => ({ algorithm: "Ed25519", keyId: "simulated", publicKey: "" }),
};

const unneeded = (): never => {
  throw new Error("a simulated rollout does not need this");
};

export type GroupWish = {
  readonly hosts: readonly string[];
  readonly balancers: readonly string[];
  readonly secondPort?: number;
  readonly holds?: Pick<ServiceGroup, "alerts" | "autoscaling">;
};

export const hostSpec = (name: string): HostSpec => ({ name, address: `10.0.0.${name.length}`, server: name });

/** A fleet.yaml with one service in one environment. */
export const fleetSpecOf = ({ hosts, balancers, secondPort, holds }: GroupWish): FleetSpec => ({
  sources: [],
  registries: {},
  networks: { private: { name: "private", dockerSocket: "/var/run/docker.sock" } },
  notify: [
    {
      kind: "slack",
      webhook: "https://chat.example.com",
      on: ["started", "succeeded", "failed", "put-back", "paused"],
    },
  ],
  environments: {
    integration: {
      name: "integration",
      network: "private",
      drift: "show",
      services: {
        hello: {
          hosts: hosts.map(hostSpec),
          balancers: balancers.map((name) => ({
            kind: "haproxy",
            name,
            socket: `unix:///${name}`,
            backend: name.split(" ")[1] ?? name,
          })),
          env: {},
          ...holds,
          ...(secondPort === undefined ? {} : { blueGreen: { port: secondPort, suffix: "-green" } }),
        },
      },
    },
  },
});

export type ReleaseWish = {
  readonly number: number;
  readonly rollout?: Partial<RolloutSpec>;
  readonly run?: Partial<RunSpec>;
  readonly promote?: EnvironmentSpec["promote"] | undefined;
  readonly verify?: EnvironmentSpec["verify"] | undefined;
};

export const simulatedRelease = ({
  number,
  rollout,
  run,
  promote,
  verify = [],
}: ReleaseWish): Omit<Release, "number" | "createdAt"> => ({
  service: "hello",
  buildId: `build-${number}`,
  buildNumber: number,
  source: "hello",
  commit: { sha: `commit-${number}`, branch: "main", subject: "", author: "" },
  image: { repository: "registry/acme/hello", digest: digestOf(number) },
  run: { ...usualRun, ...run },
  environments: {
    integration: {
      ...defaultEnvironment,
      verify,
      rollout: { ...defaultEnvironment.rollout, ...rollout },
      ...(promote ? { promote } : {}),
    },
  },
});

export const usualRun: RunSpec = {
  port: 8080,
  network: "bridge",
  env: {},
  secrets: [],
  volumes: [],
  stop: { signal: "SIGTERM", timeoutMs: 10_000 },
  limits: {},
  health: { path: "/healthz", intervalMs: 200, timeoutMs: 1_000, healthyAfter: 3, stableMs: 500, deadlineMs: 10_000 },
  smoke: { path: "/version", expect: "{{ commit }}", status: 200 },
};
