import { atLeast, atMost, rounded, type Target } from "./figures.ts";
import type { Push } from "./push.ts";
import type { Rolling } from "./rolling.ts";
import type { FleetCost } from "./simulated.ts";

/** Everything that one run has measured: what `--json` writes. */
export type Measured = {
  readonly version: 1;
  readonly rounds: number;
  readonly rolling?: Partial<Rolling>;
  readonly slipwayToFloor?: number;
  /** Against the playbook that LAB.md measured: community modules, pipelining, shared connections. */
  readonly ansibleToSlipway?: number;
  /** Against the same playbook that pulls ahead, side by side, and asks without a pause. */
  readonly ansibleTunedToSlipway?: number;
  readonly push?: Push;
  readonly pushSecondsBeyondFloor?: number;
  readonly simulated?: readonly FleetCost[];
  readonly targets: readonly Target[];
  readonly failedRequests: number;
};

export const limits = {
  slipwayToFloor: 1.15,
  ansibleToSlipway: 3,
  pushSecondsBeyondFloor: 3,
  cpuMsPerHost: 20,
  memoryMb: 300,
  /** The largest fleet's cost of a host against the smallest's: "flat" with room for noise. */
  growth: 1.5,
} as const;

type Parts = Pick<Measured, "rounds"> & Partial<Pick<Measured, "rolling" | "push" | "simulated">>;

export function measuredOf(parts: Parts): Measured {
  const { rolling, push, simulated } = parts;
  const { floor, slipway, ansible, ansibleTuned: tuned } = rolling ?? {};
  const ratios = {
    ...(slipway && floor ? { slipwayToFloor: rounded(slipway.medianSeconds / floor.medianSeconds) } : {}),
    ...(slipway && ansible ? { ansibleToSlipway: rounded(ansible.medianSeconds / slipway.medianSeconds) } : {}),
    ...(slipway && tuned ? { ansibleTunedToSlipway: rounded(tuned.medianSeconds / slipway.medianSeconds) } : {}),
    ...(push && floor ? { pushSecondsBeyondFloor: rounded(push.medianSecondsLessUser - floor.medianSeconds) } : {}),
  };
  const failedRequests = Object.values(rolling ?? {}).reduce((sum, { failed }) => sum + failed, 0);
  const targets = [
    ...targetsOf(ratios),
    ...(rolling ? [atMost("failed requests, all ways together", failedRequests, 0)] : []),
    ...(simulated ? fleetTargets(simulated) : []),
  ];
  return { version: 1, ...parts, ...ratios, failedRequests, targets };
}

type Ratios = Pick<Measured, "slipwayToFloor" | "ansibleToSlipway" | "pushSecondsBeyondFloor">;

const targetsOf = ({ slipwayToFloor, ansibleToSlipway, pushSecondsBeyondFloor }: Ratios): Target[] => [
  ...(slipwayToFloor === undefined
    ? []
    : [atMost("rolling release: Slipway / the floor", slipwayToFloor, limits.slipwayToFloor)]),
  ...(ansibleToSlipway === undefined
    ? []
    : [atLeast("rolling release: the playbook / Slipway", ansibleToSlipway, limits.ansibleToSlipway)]),
  ...(pushSecondsBeyondFloor === undefined
    ? []
    : [
        atMost(
          "push to live, less user's commands and the floor, s",
          pushSecondsBeyondFloor,
          limits.pushSecondsBeyondFloor,
        ),
      ]),
];

function fleetTargets(curve: readonly FleetCost[]): Target[] {
  const [smallest, largest] = [curve[0], curve.at(-1)];
  if (!smallest || !largest) return [];
  const cpu = (cost: FleetCost) => cost.orchestratorCpuMsPerHost;
  return [
    atMost(`CPU of the orchestrator a host at ${largest.hosts} hosts, ms`, cpu(largest), limits.cpuMsPerHost),
    atMost(`peak memory at ${largest.hosts} hosts, simulator included, MB`, largest.peakMemoryMb, limits.memoryMb),
    atMost(
      `a host's CPU at ${largest.hosts} hosts / at ${smallest.hosts}`,
      cpu(largest) / cpu(smallest),
      limits.growth,
    ),
  ];
}
