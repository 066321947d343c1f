import type { RolloutDetail } from "../../src/contract/shapes.ts";

/** Where a kill came, as the timeline tells afterwards, and whether there was still something to kill. */
export type Landing = { readonly killed: string; readonly isMissed: boolean };

export function landingOf({ rollout, timeline }: RolloutDetail, killedAt: string): Landing {
  if (rollout.endedAt !== undefined && rollout.endedAt < killedAt) return { killed: "after its end", isMissed: true };
  const last = timeline.filter(({ at }) => at <= killedAt).at(-1);
  if (!last) return { killed: "before its first act", isMissed: false };
  const { host = "", step, phase, direction = "" } = last;
  const when = phase === "started" || phase === "progress" ? "in" : "after";
  return { killed: [when, direction, host, step].filter(Boolean).join(" "), isMissed: false };
}
