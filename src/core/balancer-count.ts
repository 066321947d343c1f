import type { TrafficCount } from "#core/receipt.ts";
import type { TrafficSample } from "#core/traffic-series.ts";

/** What a balancer had counted in all since its start, read at the start of the watch and at its end. */
export type BalancerReading = {
  readonly part: string;
  readonly counters: TrafficCount & { readonly startedAt: string };
};

export type BalancerCount = {
  /** Absent: none of them was read twice. */
  readonly count?: TrafficCount;
  /** What the count leaves out, a sentence each. */
  readonly uncounted: readonly string[];
};

type Watched = {
  readonly balancers: readonly string[];
  readonly readings: readonly BalancerReading[];
  readonly samples: readonly TrafficSample[];
  /** Later looks are of the moments after the rollout. */
  readonly endMs: number;
};

/**
 * What the balancers counted over a rollout, from everything that was read of them meanwhile. A counter that is less
 * than it was, or of a later start, began at zero again: what it had counted after the last look is lost, and said.
 */
export function countedByBalancers({ balancers, readings, samples, endMs }: Watched): BalancerCount {
  const own = samples.filter(({ observer, at }) => observer === "balancers" && Date.parse(at) <= endMs);
  const wasWatched = own.length > 0 || readings.some(({ part }) => part.startsWith("before "));
  if (!wasWatched) return { uncounted: [] };
  const of = (part: string) => readings.find((reading) => reading.part === part)?.counters;
  const counts = balancers.map((name) =>
    countOf(name, { first: of(`before ${name}`), last: of(`after ${name}`), looks: looksOf(name, own) }),
  );
  const counted = counts.flatMap(({ count }) => count ?? []);
  const uncounted = counts.flatMap((each) => each.uncounted);
  return { ...(counted.length > 0 ? { count: counted.reduce(sumOf) } : {}), uncounted };
}

type Look = { readonly count: TrafficCount; readonly startedAt: string; readonly at?: string };
type Seen = {
  readonly first: BalancerReading["counters"] | undefined;
  readonly last: BalancerReading["counters"] | undefined;
  readonly looks: readonly Look[];
};

const since = " since ";

/** Its looks, oldest first; the name of their part is `<balancer> since <its start>`. */
const looksOf = (name: string, samples: readonly TrafficSample[]): readonly Look[] =>
  samples
    .filter(({ part }) => part.startsWith(`${name}${since}`))
    .map(({ part, count, at }) => ({ count, at, startedAt: part.slice(name.length + since.length) }))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));

function countOf(name: string, { first, last, looks }: Seen): BalancerCount {
  const begun = first ? lookOf(first) : undefined;
  const later = begun ? afterFirst(looks, begun) : looks;
  const all = [...(begun ? [begun] : []), ...later, ...(last ? [lookOf(last)] : [])];
  if (all.length === 0) return { uncounted: [`${name} did not answer: nothing that it counted is in here.`] };
  const uncounted = [
    ...(begun ? [] : [`${name} did not answer at the start: it is counted from ${clock(all[0]?.at)} on.`]),
    ...restartsOf(name, all),
    ...(last ? [] : [`${name} did not answer at the end: it is counted until ${clock(all.at(-1)?.at)}.`]),
  ];
  const grown = all.slice(1).map((look, index) => grownSince(all[index] ?? look, look));
  return { ...(all.length > 1 ? { count: grown.reduce(sumOf) } : {}), uncounted };
}

const lookOf = ({ startedAt, requests, failed, cut }: BalancerReading["counters"]): Look => ({
  startedAt,
  count: { requests, failed, cut },
});

/** Looks begin before the first reading: what they saw by then is not of the rollout. */
function afterFirst(looks: readonly Look[], first: Look): readonly Look[] {
  const from = looks.findIndex((look) => !isBefore(look, first));
  return from === -1 ? [] : looks.slice(from);
}

const isBefore = (look: Look, first: Look): boolean =>
  look.startedAt < first.startedAt ||
  (look.startedAt === first.startedAt && look.count.requests <= first.count.requests);

const beganAgain = (before: Look, after: Look): boolean =>
  before.startedAt !== after.startedAt || after.count.requests < before.count.requests;

const grownSince = (before: Look, after: Look): TrafficCount =>
  beganAgain(before, after)
    ? after.count
    : {
        requests: after.count.requests - before.count.requests,
        failed: Math.max(0, after.count.failed - before.count.failed),
        cut: Math.max(0, after.count.cut - before.count.cut),
      };

const restartsOf = (name: string, all: readonly Look[]): readonly string[] =>
  all.slice(1).flatMap((after, index) => {
    const before = all[index];
    if (!before || !beganAgain(before, after)) return [];
    return [
      `${name} began to count anew after ${clock(before.at)}: what it counted from then until that is not in here.`,
    ];
  });

const clock = (at: string | undefined): string => (at ? `${at.slice(11, 19)} UTC` : "the first look");

const sumOf = (a: TrafficCount, b: TrafficCount): TrafficCount => ({
  requests: a.requests + b.requests,
  failed: a.failed + b.failed,
  cut: a.cut + b.cut,
});
