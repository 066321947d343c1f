/** The same two images to and fro over the four hosts, one host at a time, under light traffic, every way in every round. */
import type { TrafficTotal } from "../../demo/traffic.ts";
import { type Playbook, preparePlaybook } from "./ansible.ts";
import type { BenchStage } from "./bench-stage.ts";
import { median, rounded } from "./figures.ts";
import type { FloorRun, StepLaps } from "./laps.ts";
import { lapsOf, timeLeftOver } from "./slipway-laps.ts";

/** Users are at it before the clock runs. */
const warmUpMs = 500;
const floorScript = new URL("floor.ts", import.meta.url).pathname;

export const ways = ["floor", "slipway", "ansible", "ansibleTuned"] as const;
export type Way = (typeof ways)[number];

export type WayFigures = {
  /** Of every rolling release, in the order they were made. */
  readonly seconds: readonly number[];
  readonly medianSeconds: number;
  readonly requests: number;
  readonly failed: number;
  /** Medians over all hosts, in ms; absent where the tool does not say. */
  readonly stepsMs?: StepLaps;
};

export type Rolling = { readonly [W in Way]: WayFigures };

type Leg = { readonly ms: number; readonly laps?: readonly StepLaps[] };
type Roll = (to: BenchStage["releases"][number]) => Promise<Leg>;
type Taken = { legs: Leg[]; traffic: TrafficTotal[] };

export async function measureRolling(
  stage: BenchStage,
  {
    rounds,
    which,
    say,
    signal,
  }: { rounds: number; which: readonly Way[]; say: (line: string) => void; signal: AbortSignal },
): Promise<Partial<Rolling>> {
  await floorProgram(stage, ["open", stage.sshConfig, ...stage.lab.hosts.map(({ name }) => name)]);
  const rolls = rollsOf(stage, await preparePlaybook(stage.lab, stage.sshConfig));
  const taken = new Map<Way, Taken>(which.map((way) => [way, { legs: [], traffic: [] }]));
  // The first round is thrown away: it fills caches and opens the connections that later rounds find.
  for (let round = 0; round <= rounds; round++) {
    for (const [way, all] of taken) {
      signal.throwIfAborted();
      await settle(stage, way);
      const { legs, traffic } = await toAndFro(stage, rolls[way]);
      const seconds = legs.map(({ ms }) => (ms / 1000).toFixed(2)).join(" s, ");
      say(`${round === 0 ? "warm-up" : `round ${round}`}: ${way} ${seconds} s, ${traffic.failed + traffic.cut} failed`);
      if (round === 0) continue;
      all.legs.push(...legs);
      all.traffic.push(traffic);
    }
  }
  return Object.fromEntries([...taken].map(([way, all]) => [way, figuresOf(all)]));
}

function rollsOf(stage: BenchStage, playbook: Playbook): Readonly<Record<Way, Roll>> {
  const names = stage.lab.hosts.map(({ name }) => name);
  return {
    async floor({ image }) {
      const run = JSON.parse(await floorProgram(stage, ["roll", stage.sshConfig, image, ...names])) as FloorRun;
      return { ms: run.ms, laps: Object.values(run.hosts) };
    },
    ansible: async ({ image }) => ({ ms: await playbook.roll(image, false) }),
    ansibleTuned: async ({ image }) => ({ ms: await playbook.roll(image, true) }),
    async slipway({ number }) {
      const { slipway, releases } = stage;
      const { ms, detail } = await (number === releases[0].number ? slipway.rollBack(number) : slipway.deploy(number));
      const laps = lapsOf(detail.timeline);
      return { ms, laps: [...laps, timeLeftOver(ms, laps)] };
    },
  };
}

async function floorProgram({ lab }: BenchStage, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.office.exec([process.execPath, floorScript, ...args]);
  if (exitCode === 0) return stdout;
  throw new Error(`The floor ended with ${exitCode}:\n${stderr}`);
}

/** The hosts run release 1 as that tool runs it; what another tool has left is gone. Not measured. */
async function settle(stage: BenchStage, way: Way): Promise<void> {
  const [first] = stage.releases;
  if (way !== "slipway") return stage.seed(first.image);
  await stage.clearHosts();
  await stage.slipway.deploy(first.number);
}

async function toAndFro(stage: BenchStage, roll: Roll): Promise<{ legs: Leg[]; traffic: TrafficTotal }> {
  const users = stage.traffic();
  try {
    await new Promise((resolve) => setTimeout(resolve, warmUpMs));
    const legs = [];
    for (const release of stage.releases.toReversed()) legs.push(await roll(release));
    return { legs, traffic: await users.total() };
  } finally {
    await users.stop();
  }
}

function figuresOf({ legs, traffic }: Taken): WayFigures {
  const seconds = legs.map(({ ms }) => rounded(ms / 1000));
  const laps = legs.flatMap((leg) => leg.laps ?? []);
  return {
    seconds,
    medianSeconds: median(seconds),
    requests: traffic.reduce((sum, { requests }) => sum + requests, 0),
    failed: traffic.reduce((sum, { failed, cut }) => sum + failed + cut, 0),
    ...(laps.length > 0 ? { stepsMs: mediansOf(laps) } : {}),
  };
}

function mediansOf(laps: readonly StepLaps[]): StepLaps {
  const names = [...new Set(laps.flatMap(Object.keys))];
  const of = (name: string) => laps.flatMap((lap) => lap[name] ?? []);
  return Object.fromEntries(names.map((name) => [name, Math.round(median(of(name)))]));
}
