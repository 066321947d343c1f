import type { RolloutDetail } from "#contract/shapes.ts";

/**
 * The rollout as it was when the timeline's line `seq` had just been written: nothing later has happened, and it has
 * ended only if its last line was written. A `seq` before the first line is before everything.
 */
export function stateAt(detail: RolloutDetail, seq: number): RolloutDetail {
  const timeline = detail.timeline.filter((event) => event.seq <= seq);
  if (timeline.length === detail.timeline.length) return detail;
  const { endedAt: _, receipt: _receipt, error: _error, pause: _pause, ...rollout } = detail.rollout;
  const { traffic: _traffic, ...rest } = detail;
  const state = timeline.length === 0 ? "waiting" : isPausedAfter(timeline) ? "paused" : "running";
  return { ...rest, rollout: { ...rollout, state }, timeline };
}

const isPausedAfter = (timeline: RolloutDetail["timeline"]): boolean =>
  timeline.findLast((event) => event.step === "pause")?.phase === "started";

/** The moment that is shown, in milliseconds since 1970. */
export function momentAt({ rollout, timeline }: RolloutDetail, seq: number): number {
  const event = timeline.findLast((each) => each.seq <= seq);
  return Date.parse(event?.at ?? rollout.startedAt ?? rollout.createdAt);
}

/** The line so many steps further, never beyond the ends. */
export function stepped({ timeline }: RolloutDetail, seq: number, by: number): number {
  const at = timeline.findLastIndex((event) => event.seq <= seq);
  return timeline[Math.min(timeline.length - 1, Math.max(0, at + by))]?.seq ?? seq;
}
