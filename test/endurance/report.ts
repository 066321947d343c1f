import type { Endurance } from "./run-endurance.ts";
import { memoryOf, verdictsOf } from "./verdicts.ts";

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** What a person reads at the end. */
export function report(run: Endurance): string {
  const { asked, seconds, users, left, samples, problem } = run;
  const { websockets } = users;
  const memory = memoryOf(run);
  const details = [...Object.entries(left)].filter(
    ([, counts]) => typeof counts === "object" && Object.keys(counts).length > 0,
  );
  return [
    "",
    `${samples.length} of ${asked.rollouts} rollouts in ${seconds} s`,
    `requests    ${users.requests} sent (${Math.round(users.requests / seconds)}/s), ${users.answered} answered, ${users.failed} failed, ${users.cut} cut`,
    `websockets  ${websockets.opened} opened, ${websockets.closed} closed by the program and opened again, ${websockets.cut} cut, ${websockets.refused} refused, ${websockets.messages} messages`,
    `heap        ${samples.length === 0 ? "-" : `${megabytes(samples[0]?.heapBytes ?? 0)} after the first rollout, ${megabytes(samples.at(-1)?.heapBytes ?? 0)} after the last`}`,
    `memory      first quarter ${megabytes(memory.firstQuarterMedian)}, last quarter ${megabytes(memory.lastQuarterMedian)}, fit ${megabytes(memory.growthPerSample)} a rollout`,
    ...users.noted.map(
      ({ what, times, firstAt, lastAt }) => `seen        ${what}: ${times} times, ${firstAt} to ${lastAt}`,
    ),
    ...details.map(([what, counts]) => `left        ${what}: ${JSON.stringify(counts)}`),
    ...(problem === undefined ? [] : [`problem     ${problem}`]),
    "",
    ...verdictsOf(run).map(
      ({ what, seen, most, isGood }) =>
        `${isGood ? "ok    " : "FAILED"}  ${what}: ${rounded(seen)} (at most ${rounded(most)})`,
    ),
  ].join("\n");
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
