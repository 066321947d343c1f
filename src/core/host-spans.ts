import type { HostSpan } from "#core/receipt.ts";
import { type Direction, type HostStep, hostSteps, type TimelineEvent } from "#core/rollout.ts";

type Act = { readonly step: HostStep; readonly direction: Direction; readonly atMs: number };

/** One host's events as stretches of time: each start with its end, or with the next try where it was interrupted. */
export function hostSpans(events: readonly TimelineEvent[], startMs: number): readonly HostSpan[] {
  const open = new Map<string, Act>();
  const spans: HostSpan[] = [];
  const close = (key: string, atMs: number, end: HostSpan["end"]) => {
    const act = open.get(key);
    open.delete(key);
    if (act)
      spans.push({ step: act.step, direction: act.direction, end, fromMs: act.atMs, toMs: Math.max(act.atMs, atMs) });
  };
  for (const event of events) {
    const { step, direction, phase } = event;
    if (!isHostStep(step) || direction === undefined || phase === "progress") continue;
    const atMs = Date.parse(event.at) - startMs;
    const key = `${direction} ${step}`;
    close(key, atMs, phase === "started" ? "interrupted" : phase);
    if (phase === "started") open.set(key, { step, direction, atMs });
  }
  const lastMs = Math.max(0, ...events.map((event) => Date.parse(event.at) - startMs));
  for (const key of [...open.keys()]) close(key, lastMs, "interrupted");
  return spans.sort((a, b) => a.fromMs - b.fromMs);
}

const isHostStep = (step: TimelineEvent["step"]): step is HostStep => hostSteps.some((each) => each === step);
