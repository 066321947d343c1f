import { flatnessOf } from "./flatness.ts";
import type { Endurance } from "./run-endurance.ts";

export type Verdict = { readonly what: string; readonly seen: number; readonly most: number; readonly isGood: boolean };

/** The allocator keeps pages back as it likes: so much above the first quarter is not growth. */
const mostMemoryGrowth = 0.15;
/** Of what is in use after a collection of garbage, along the straight line through all rollouts. */
const mostHeapGrowth = 0.15;
/** Fewer samples say nothing about a trend. */
const fewestSamples = 12;
/** Of the requests asked for; a machine that is slower than that proves something else. */
const fewestSent = 0.98;

export const memoryOf = ({ samples }: Pick<Endurance, "samples">) =>
  flatnessOf(samples.map(({ rssBytes }) => rssBytes));

/** The rise of the line through the heap's samples from the first rollout to the last, as a share of where it was at first. */
export function heapGrowthOf({ samples }: Pick<Endurance, "samples">): number {
  const { growthPerSample, firstQuarterMedian } = flatnessOf(samples.map(({ heapBytes }) => heapBytes));
  return firstQuarterMedian === 0 ? 0 : (growthPerSample * (samples.length - 1)) / firstQuarterMedian;
}

/** Every promise with what was seen; the run is good when all are. */
export function verdictsOf(run: Endurance): Verdict[] {
  const { asked, users, left, samples } = run;
  const none = (what: string, seen: number): Verdict => ({ what, seen, most: 0, isGood: seen === 0 });
  const missing = asked.rollouts - samples.length + (run.problem === undefined ? 0 : 1);
  const unsent = Math.max(0, 1 - users.requests / (asked.rate * run.seconds));
  const { opened, closed, cut } = users.websockets;
  // Each sits on one host at least once in a rollout, and every host is replaced in it.
  const unclosed = Math.max(0, asked.rollouts * asked.websockets - closed);
  const verdicts = [
    none("rollouts that did not succeed", missing),
    none("requests failed", users.failed),
    none("requests cut", users.cut),
    none("websockets cut without a close", users.websockets.cut),
    none("websockets refused", users.websockets.refused),
    none("websockets that the program did not close in a rollout", unclosed),
    none("websockets that did not come back", asked.websockets + closed + cut - opened),
    none("connections leaked", sum(left.connections)),
    none("processes leaked", sum(left.processes)),
    none("files of the server leaked", left.files),
    none("containers beyond those of before", sum(left.containers)),
    none("images beyond the kept releases", sum(left.images)),
    {
      what: "requests that could not be sent, of all",
      seen: unsent,
      most: 1 - fewestSent,
      isGood: unsent <= 1 - fewestSent,
    },
  ];
  if (samples.length < fewestSamples) return verdicts;
  const atMost = (what: string, seen: number, most: number): Verdict => ({ what, seen, most, isGood: seen <= most });
  return [
    ...verdicts,
    atMost("growth of the server's memory", memoryOf(run).growth, mostMemoryGrowth),
    atMost("growth of the server's heap, by its line", heapGrowthOf(run), mostHeapGrowth),
  ];
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0);
