import type { TimelineEventShape } from "../../src/contract/shapes.ts";
import type { StepLaps } from "./laps.ts";

/** How long each act of a rollout took by its timeline, in ms: one entry for each host, one for the rollout itself. */
export function lapsOf(timeline: readonly TimelineEventShape[]): StepLaps[] {
  const laps = new Map<string, Record<string, number>>();
  const began = new Map<string, number>();
  for (const { host = "", step, phase, at } of timeline) {
    const key = `${host} ${step}`;
    if (phase === "started") began.set(key, Date.parse(at));
    const since = began.get(key);
    if (phase !== "succeeded" || since === undefined) continue;
    laps.set(host, { ...laps.get(host), [step]: Date.parse(at) - since });
  }
  return [...laps.values()];
}

/** What no act accounts for: queues, children, records, the end. */
export const timeLeftOver = (totalMs: number, laps: readonly StepLaps[]): StepLaps => ({
  "between acts": totalMs - laps.flatMap(Object.values).reduce((sum: number, ms: number) => sum + ms, 0),
});
