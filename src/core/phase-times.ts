import type { Receipt } from "#core/receipt.ts";
import type { TimelineEvent } from "#core/rollout.ts";

/** What a rollout does to all its hosts together, and what takes a while. */
export const phases = ["prepare", "canary", "switch", "verify"] as const;
export type Phase = (typeof phases)[number];

const isPhase = (step: TimelineEvent["step"]): step is Phase => phases.some((phase) => phase === step);

/** How long each took that succeeded; a try that failed or was interrupted does not count. */
export function phaseTimes(timeline: readonly TimelineEvent[]): NonNullable<Receipt["phasesMs"]> {
  const times: Partial<Record<Phase, number>> = {};
  const started = new Map<Phase, number>();
  for (const { step, host, phase, at } of timeline) {
    if (host !== undefined || !isPhase(step)) continue;
    if (phase === "started") started.set(step, Date.parse(at));
    const from = started.get(step);
    if (phase === "succeeded" && from !== undefined)
      times[step] = (times[step] ?? 0) + Math.max(0, Date.parse(at) - from);
  }
  return times;
}
