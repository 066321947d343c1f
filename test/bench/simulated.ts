/** What a host costs Slipway itself as the fleet grows: simulated hosts, batches of 5 %, a process for each run. */
import { median, rounded } from "./figures.ts";
import { runToEnd } from "./run-to-end.ts";
import type { SimulatedRun } from "./simulate-one.ts";

const fleets = [10, 100, 1_000];
const runLimitMs = 900_000;
const script = new URL("simulate-one.ts", import.meta.url).pathname;

export type FleetCost = {
  readonly hosts: number;
  readonly cpuMsPerHost: number;
  /** Without the work of the simulator and of the journal in memory, which a real run does not have. */
  readonly orchestratorCpuMsPerHost: number;
  readonly cpuMsBy: Readonly<Record<string, number>>;
  readonly peakMemoryMb: number;
  readonly seconds: number;
};

export async function measureSimulated(how: {
  rounds: number;
  say: (line: string) => void;
  signal: AbortSignal;
}): Promise<readonly FleetCost[]> {
  const curve = [];
  for (const hosts of fleets) {
    const runs: SimulatedRun[] = [];
    for (let round = 0; round < how.rounds; round++) runs.push(await simulate(hosts, how.signal));
    const cost = costOf(hosts, runs);
    curve.push(cost);
    how.say(`${hosts} hosts: ${cost.cpuMsPerHost} ms CPU a host, ${cost.peakMemoryMb} MB`);
  }
  return curve;
}

const simulate = async (hosts: number, signal: AbortSignal): Promise<SimulatedRun> =>
  JSON.parse(
    await runToEnd([process.execPath, script, String(hosts)], { limitMs: runLimitMs, signal }),
  ) as SimulatedRun;

function costOf(hosts: number, runs: readonly SimulatedRun[]): FleetCost {
  const of = (figure: (run: SimulatedRun) => number) => rounded(median(runs.map(figure)));
  const places = [...new Set(runs.flatMap((run) => Object.keys(run.cpuMsBy)))];
  return {
    hosts,
    cpuMsPerHost: of((run) => run.cpuMs / hosts),
    orchestratorCpuMsPerHost: of((run) => ownCpuMs(run) / hosts),
    cpuMsBy: Object.fromEntries(places.map((place) => [place, of((run) => run.cpuMsBy[place] ?? 0)])),
    peakMemoryMb: of((run) => run.peakMemoryMb),
    seconds: of((run) => run.seconds),
  };
}

/** What nobody's code can be named for (promises, timers, the garbage collector) counts as Slipway's. */
const ownCpuMs = ({ cpuMs, cpuMsBy }: SimulatedRun): number =>
  cpuMs - (cpuMsBy.simulator ?? 0) - (cpuMsBy["journal in memory"] ?? 0);
