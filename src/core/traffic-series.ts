import type { CountSeries, TrafficCount, TrafficSeries, TrafficWindow } from "#core/receipt.ts";

export const observers = ["prober", "balancers"] as const;
export type Observer = (typeof observers)[number];

/**
 * What one counter had counted in all by a moment. `part` tells counters apart that began at zero each for itself: a
 * prober of an earlier start of the server, a balancer before its restart.
 */
export type TrafficSample = {
  readonly part: string;
  readonly observer: Observer;
  readonly at: string;
  readonly count: TrafficCount;
};

const mostPoints = 600;
const finestMs = 1_000;
/** So many looks at the finest interval, then half as many at each doubled one: 6 hours are some 1,200 looks. */
const looksPerInterval = 300;

/** How long to wait for the next look, so long after the first. It depends on nothing else: a resume goes on alike. */
export function sampleEveryMs(elapsedMs: number): number {
  let everyMs = finestMs;
  while (elapsedMs >= everyMs * looksPerInterval) everyMs *= 2;
  return everyMs;
}

/** The samples as counts of equal stretches of time, at most 600 of them; undefined when nothing was sampled. */
export function seriesOf(samples: readonly TrafficSample[], startMs: number): TrafficSeries | undefined {
  const times = samples.map((sample) => Date.parse(sample.at));
  if (times.length === 0) return undefined;
  const [firstMs, lastMs] = times.reduce(
    ([first, last], ms) => [Math.min(first, ms), Math.max(last, ms)],
    [Infinity, -Infinity],
  );
  const everyMs = Math.max(finestMs, Math.ceil((lastMs - firstMs) / mostPoints / finestMs) * finestMs);
  const points = Math.min(mostPoints, Math.max(1, Math.ceil((lastMs - firstMs) / everyMs)));
  const edges = Array.from({ length: points + 1 }, (_, index) => firstMs + index * everyMs);
  const of = (observer: Observer) => ({ [observer]: between(partsOf(samples, observer), edges) });
  const seen = observers.filter((observer) => samples.some((sample) => sample.observer === observer));
  return Object.assign({ fromMs: firstMs - startMs, everyMs }, ...seen.map(of)) as TrafficSeries;
}

/** What was counted in a stretch of time; undefined when it was not watched at all. */
export function countedWithin(
  samples: readonly TrafficSample[],
  fromMs: number,
  toMs: number,
): TrafficWindow | undefined {
  const times = samples.map((sample) => Date.parse(sample.at));
  const first = times.reduce((least, ms) => Math.min(least, ms), Infinity);
  const last = times.reduce((most, ms) => Math.max(most, ms), -Infinity);
  const ms = Math.min(last, toMs) - Math.max(first, fromMs);
  if (!(ms > 0)) return undefined;
  const window: { seconds: number; prober?: TrafficCount; balancers?: TrafficCount } = {
    seconds: Math.round(ms / 100) / 10,
  };
  for (const observer of observers) {
    const parts = partsOf(samples, observer);
    if (parts.length === 0) continue;
    const { requests, failed, cut } = between(parts, [Math.max(first, fromMs), Math.min(last, toMs)]);
    window[observer] = { requests: requests[0] ?? 0, failed: failed[0] ?? 0, cut: cut[0] ?? 0 };
  }
  return window;
}

type Look = { readonly ms: number; readonly count: TrafficCount };

/** The looks of each part, oldest first. */
function partsOf(samples: readonly TrafficSample[], observer: Observer): (readonly Look[])[] {
  const own = samples.filter((sample) => sample.observer === observer);
  const looks = own.map(({ part, at, count }) => ({ part, ms: Date.parse(at), count }));
  return [...Map.groupBy(looks, ({ part }) => part).values()].map((part) => part.sort((a, b) => a.ms - b.ms));
}

/** Differences of the rounded totals at the edges: whatever the edges, they add up to what was counted. */
function between(parts: readonly (readonly Look[])[], edges: readonly number[]): CountSeries {
  const series = (key: keyof TrafficCount) => {
    const totals = edges.map((edge) => Math.round(parts.reduce((sum, looks) => sum + totalAt(looks, edge, key), 0)));
    // A counter that went backwards without a restart lost what it knew; less than nothing was not counted.
    return totals.slice(1).map((total, index) => Math.max(0, total - (totals[index] ?? 0)));
  };
  return { requests: series("requests"), failed: series("failed"), cut: series("cut") };
}

/** Counted since the part's first look, with a straight line between two looks. */
function totalAt(looks: readonly Look[], ms: number, key: keyof TrafficCount): number {
  const next = looks.findIndex((look) => look.ms > ms);
  const before = next === -1 ? looks.at(-1) : looks[next - 1];
  const zero = looks[0]?.count[key] ?? 0;
  if (!before) return 0;
  const after = looks[next] ?? before;
  const share = after.ms > before.ms ? (ms - before.ms) / (after.ms - before.ms) : 0;
  return before.count[key] - zero + (after.count[key] - before.count[key]) * share;
}
