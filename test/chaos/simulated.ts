import type { World } from "#workflows/world.ts";
import { Simulation } from "../simulation/simulation.ts";
import { type Call, type Death, DyingWorld } from "./dying-world.ts";
import { type Journey, type JourneyName, journeyNames, journeys } from "./journeys.ts";

/** One run of a journey with its deaths, and what was wrong afterwards. */
export type Case = {
  readonly journey: string;
  /** Where the server died, in words. */
  readonly killed: string;
  readonly violations: readonly string[];
};

export type Chaos = {
  readonly cases: number;
  readonly violations: number;
  readonly requests: number;
  readonly failed: number;
  readonly broken: readonly Case[];
};

/** How many of the cases died between acts, in the middle of one, and twice. */
export type SimulatedChaos = Chaos & { readonly between: number; readonly inside: number; readonly twice: number };

type Change = (world: World, life: number) => World;
type Deaths = { readonly points?: readonly number[]; readonly calls?: readonly Death[] };
type Played = Case & { readonly requests: number; readonly failed: number };
type Whole = Played & { readonly points: number; readonly calls: readonly Call[] };

export type SimulatedWish = {
  readonly journeys?: readonly JourneyName[];
  /** Cases of two deaths, the second in the recovery from the first. */
  readonly pairs: number;
  /** Every so manieth death alone; 1: all. */
  readonly every?: number;
  /** Breaks something on purpose, in the first process of the server or in a later one. */
  readonly change?: Change;
};

/**
 * Kills the simulated server before and after every act that its journal records, then before, in the middle of and
 * after every call to the world inside of those acts, then at pairs of such places.
 */
export async function simulatedChaos(wish: SimulatedWish): Promise<SimulatedChaos> {
  const names = wish.journeys ?? journeyNames;
  const wholes = new Map<JourneyName, Whole>();
  const between: Played[] = [];
  const inside: Played[] = [];
  for (const name of names) {
    const whole = await play(name, {}, wish.change);
    wholes.set(name, whole);
    between.push(whole);
    for (let at = 0; at < whole.points; at += wish.every ?? 1)
      between.push(await play(name, { points: [at] }, wish.change));
    const deaths = deathsIn(whole.calls).filter((_, index) => index % (wish.every ?? 1) === 0);
    for (const death of deaths) inside.push(await play(name, { calls: [death] }, wish.change));
  }
  const twice: Played[] = [];
  for (let n = 0; n < wish.pairs; n++) {
    const name = names[n % names.length] ?? "rollout";
    const whole = wholes.get(name);
    if (whole) twice.push(await play(name, pairOf(Math.floor(n / names.length), whole), wish.change));
  }
  const counts = { between: between.length, inside: inside.length, twice: twice.length };
  return { ...summed([...between, ...inside, ...twice]), ...counts };
}

/** Before and after each call, and in the middle of those that take their time. */
const deathsIn = (calls: readonly Call[]): Death[] =>
  calls.flatMap(({ ms }, call): Death[] => [
    { call, when: "before" },
    ...(ms > 0 ? [{ call, when: "while", ms } as const] : []),
    { call, when: "after" },
  ]);

/** Spread over all pairs, of points and of calls in turn: the second death follows soon, in the middle of the recovery, or late. */
function pairOf(n: number, { points, calls }: Whole): Deaths {
  const all = n % 2 === 0 ? points : calls.length;
  const first = (n * 37) % all;
  const second = (n * 53) % Math.max(1, all - first);
  if (n % 2 === 0) return { points: [first, second] };
  const when = (["before", "after"] as const)[n % 3 === 0 ? 0 : 1] ?? "before";
  return { calls: [first, second].map((call) => ({ call, when })) };
}

async function play(
  journey: JourneyName,
  { points = [], calls = [] }: Deaths,
  change: Change = (world) => world,
): Promise<Whole> {
  const died: string[] = [];
  let passed = 0;
  let lives = 0;
  const dying = new DyingWorld(calls, () => simulation);
  const simulation: Simulation = new Simulation({
    ...journeys[journey].options,
    change: (world) => dying.change(change(world, ++lives)),
    kill({ run, step, when }) {
      if (passed++ !== points[died.length]) return false;
      passed = 0;
      died.push(`${when} "${step}" of ${run}`);
      return true;
    },
  });
  await simulation.run();
  return {
    journey,
    killed: [...died, ...dying.died].join(", then ") || "nowhere",
    violations: [
      ...simulation.violations.map(({ rule, words }) => `${rule}: ${words}`),
      ...wrongEnds(simulation, journeys[journey]),
    ],
    points: simulation.points.length,
    calls: dying.calls,
    ...simulation.traffic,
  };
}

function wrongEnds(simulation: Simulation, { ends, release }: Journey): readonly string[] {
  const seen = simulation.rollouts.map(({ state }) => state).join(", ");
  const wrong = [...simulation.fleet.hosts.values()].filter((host) => host.running()?.sight.release !== release);
  return [
    ...(seen === ends.join(", ") ? [] : [`it ended ${seen}; expected ${ends.join(", ")}`]),
    ...wrong.map(({ name }) => `${name} does not run release ${release}`),
    ...[...simulation.watch.holds.values()].map(({ kind, subject }) => `${kind} of ${subject} is still held`),
  ];
}

const summed = (played: readonly Played[]): Chaos => ({
  cases: played.length,
  violations: played.reduce((sum, { violations }) => sum + violations.length, 0),
  requests: played.reduce((sum, { requests }) => sum + requests, 0),
  failed: played.reduce((sum, { failed }) => sum + failed, 0),
  broken: played
    .filter(({ violations }) => violations.length > 0)
    .map(({ journey, killed, violations }) => ({ journey, killed, violations })),
});
