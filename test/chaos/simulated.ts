import { Simulation } from "../simulation/simulation.ts";
import { type Journey, type JourneyName, journeyNames, journeys } from "./journeys.ts";

/** One run of a journey with its deaths, and what was wrong afterwards. */
export type Case = {
  readonly journey: JourneyName;
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

type Played = Case & { readonly requests: number; readonly failed: number; readonly points: number };

/** Kills the simulated server before and after every act of every journey, then at pairs of points, `pairs` of them. */
export async function simulatedChaos(pairs: number): Promise<Chaos> {
  const played: Played[] = [];
  const points = new Map<JourneyName, number>();
  for (const name of journeyNames) {
    const whole = await play(name, []);
    points.set(name, whole.points);
    played.push(whole);
    for (let at = 0; at < whole.points; at++) played.push(await play(name, [at]));
  }
  for (let n = 0; n < pairs; n++) {
    const name = journeyNames[n % journeyNames.length] ?? "rollout";
    played.push(await play(name, pairOf(n, points.get(name) ?? 0)));
  }
  return summed(played);
}

/** Spread over all pairs: the second death follows soon, in the middle of the recovery, or late. */
function pairOf(n: number, points: number): readonly [number, number] {
  const first = (n * 37) % points;
  return [first, (n * 53) % Math.max(1, points - first)];
}

async function play(journey: JourneyName, kills: readonly number[]): Promise<Played> {
  const { options } = journeys[journey];
  const died: string[] = [];
  let passed = 0;
  const simulation = new Simulation({
    ...options,
    kill({ run, step, when }, deaths) {
      if (passed++ !== kills[deaths]) return false;
      passed = 0;
      died.push(`${when} "${step}" of ${run}`);
      return true;
    },
  });
  await simulation.run();
  return {
    journey,
    killed: died.join(", then ") || "nowhere",
    violations: [
      ...simulation.violations.map(({ rule, words }) => `${rule}: ${words}`),
      ...wrongEnds(simulation, journeys[journey]),
    ],
    points: simulation.points.length,
    ...simulation.traffic,
  };
}

function wrongEnds(simulation: Simulation, { ends, release }: Journey): readonly string[] {
  const seen = simulation.rollouts.map(({ state }) => state).join(", ");
  const wrong = [...simulation.fleet.hosts.values()].filter((host) => host.running()?.sight.release !== release);
  return [
    ...(seen === ends.join(", ") ? [] : [`it ended ${seen}; expected ${ends.join(", ")}`]),
    ...wrong.map(({ name }) => `${name} does not run release ${release}`),
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
