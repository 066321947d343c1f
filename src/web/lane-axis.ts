/** What the axis needs to know of an act. */
type Stretch = {
  readonly step: string;
  readonly state: string;
  readonly fromMs: number;
  readonly toMs: number | undefined;
};

/** Time from left to right; what was waited for a person is drawn short, so that the work can be seen. */
export type Axis = {
  readonly startMs: number;
  readonly endMs: number;
  /** Of all that is drawn: the work, and the waits at their short length. */
  readonly lengthMs: number;
  readonly waits: readonly Wait[];
};

type Wait = { readonly fromMs: number; readonly toMs: number; readonly drawnMs: number };

export type Tick = { readonly ms: number; readonly left: number };

/** A wait takes at most this share of the time that was worked. */
const waitShare = 0.12;

/** From when it had been approved: hours of waiting for a person would leave nothing of the minutes that follow. */
export function axisOf(acts: readonly Stretch[], untilMs: number): Axis {
  const approved = acts.findLast((act) => act.step === "approve" && act.state === "succeeded")?.toMs;
  const startMs = approved ?? acts[0]?.fromMs ?? untilMs;
  const endMs = Math.max(untilMs, startMs, ...acts.map((act) => act.toMs ?? act.fromMs));
  const pauses = acts.filter((act) => act.step === "pause" && act.fromMs >= startMs);
  const spans = pauses.map(({ fromMs, toMs = endMs }) => ({ fromMs, toMs }));
  const worked = endMs - startMs - spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const longest = Math.max(1_000, worked * waitShare);
  const waits = spans.map((span) => ({ ...span, drawnMs: Math.min(span.toMs - span.fromMs, longest) }));
  const lengthMs = Math.max(1, worked + waits.reduce((sum, { drawnMs }) => sum + drawnMs, 0));
  return { startMs, endMs, lengthMs, waits };
}

/** Where that moment lies, from 0 at the left to 1 at the right. */
export function share(atMs: number, { startMs, lengthMs, waits }: Axis): number {
  let drawn = atMs - startMs;
  for (const { fromMs, toMs, drawnMs } of waits) {
    const waited = Math.min(Math.max(0, atMs - fromMs), toMs - fromMs);
    drawn -= waited - (waited / Math.max(1, toMs - fromMs)) * drawnMs;
  }
  return Math.min(1, Math.max(0, drawn / lengthMs));
}

const tickSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];
const mostTicks = 6;

/** Round times of work, as few as can be read on a telephone. */
export function ticksOf(axis: Axis): Tick[] {
  const waited = axis.waits.reduce((sum, { drawnMs }) => sum + drawnMs, 0);
  const workedMs = axis.lengthMs - waited;
  const stepMs = (tickSteps.find((step) => workedMs / (step * 1_000) <= mostTicks) ?? 604_800) * 1_000;
  return Array.from({ length: Math.floor(workedMs / stepMs) + 1 }, (_, index) => {
    const ms = index * stepMs;
    return { ms, left: share(workedAt(ms, axis), axis) };
  });
}

/** The moment at which so much had been worked. */
function workedAt(ms: number, { startMs, waits }: Axis): number {
  let at = startMs + ms;
  for (const { fromMs, toMs } of waits) if (at > fromMs) at += toMs - fromMs;
  return at;
}
