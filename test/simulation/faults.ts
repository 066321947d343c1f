import { SlipwayError } from "#core/errors.ts";
import type { SimulatedHost } from "#simulator/simulated-host.ts";
import type { Happening, Simulation } from "./simulation.ts";

export const faultKinds = [
  "power",
  "way",
  "engine",
  "crash",
  "registry",
  "balancer-restart",
  "balancer-silent",
] as const;

/** What the world does to a rollout: at a host, for so long. */
export type Fault = {
  readonly kind: (typeof faultKinds)[number];
  readonly host: number;
  readonly atMs: number;
  readonly forMs: number;
};

export const happeningsOf = (fault: Fault): readonly Happening[] => {
  const { begin, end } = faultsOf[fault.kind];
  return [
    { atMs: fault.atMs, act: (simulation) => begin(simulation, hostOf(simulation, fault)) },
    { atMs: fault.atMs + fault.forMs, act: (simulation) => end(simulation, hostOf(simulation, fault)) },
  ];
};

const hostOf = ({ fleet }: Simulation, { host }: Fault): SimulatedHost => fleet.host(`web-${host + 1}`);

type Act = (simulation: Simulation, host: SimulatedHost) => unknown;

const faultsOf: Readonly<Record<Fault["kind"], { begin: Act; end: Act }>> = {
  power: { begin: (_, host) => host.cutPower(), end: (_, host) => host.hasPower || host.givePower() },
  way: {
    begin: (_, host) => (host.isWayOpen = false),
    end: (_, host) => (host.isWayOpen = true),
  },
  engine: {
    begin: (_, host) =>
      (host.startFailure = new SlipwayError("container.start-failed", `${host.name} starts nothing.`)),
    end: (_, host) => (host.startFailure = undefined),
  },
  crash: {
    begin: (_, host) => {
      for (const { sight } of host.containers.values()) if (sight.state === "running") host.exit(sight.name);
    },
    end: (_, host) => {
      for (const { sight } of host.containers.values())
        if (sight.state === "restarting") host.run(sight.name, "theirs");
    },
  },
  registry: {
    begin: ({ fleet }) => (fleet.registryFailure = new SlipwayError("registry.unreachable", "No answer.")),
    end: ({ fleet }) => (fleet.registryFailure = undefined),
  },
  "balancer-restart": {
    begin: ({ fleet, watch }) => {
      const [front] = fleet.balancers;
      front?.restart();
      for (const name of watch.othersOff) if (name.startsWith(`${front?.name}/`)) watch.othersOff.delete(name);
    },
    end: () => "it is back already",
  },
  "balancer-silent": {
    begin: ({ fleet }) => {
      const [front] = fleet.balancers;
      if (front) front.silence = new SlipwayError("balancer.unreachable", `${front.name} does not answer.`);
    },
    end: ({ fleet }) => {
      const [front] = fleet.balancers;
      if (front) front.silence = undefined;
    },
  },
};
