import { hostSpans } from "#core/host-spans.ts";
import { phaseTimes } from "#core/phase-times.ts";
import type { HoldReceipt, HostReceipt, Receipt, TrafficCount } from "#core/receipt.ts";
import { imageReference, type Release } from "#core/release.ts";
import { type HostStep, hostSteps, type Rollout, type TimelineEvent } from "#core/rollout.ts";
import { countedWithin, seriesOf, type TrafficSample } from "#core/traffic-series.ts";

export type ReceiptInput = {
  readonly rollout: Rollout;
  readonly release: Release;
  readonly timeline: readonly TimelineEvent[];
  readonly outcome: Receipt["outcome"];
  readonly endedAt: string;
  /** When the commit was seen, for a rollout that a commit asked for. */
  readonly commitSeenAt?: string;
  readonly prober?: TrafficCount;
  readonly balancers?: TrafficCount;
  readonly samples?: readonly TrafficSample[];
  readonly holds?: readonly HoldReceipt[];
  readonly uncounted?: readonly string[];
  /** Hosts that were left out on the way; by default as the rollout remembers them. */
  readonly excluded?: readonly string[];
};

/** The proof of a rollout, from nothing but what was recorded while it ran. */
export function makeReceipt(input: ReceiptInput): Receipt {
  const { rollout, release, outcome, endedAt, prober, balancers } = input;
  const startedAt = rollout.startedAt ?? rollout.createdAt;
  const hosts = hostReceipts(input, Date.parse(startedAt));
  return {
    version: 2,
    rollout: rollout.number,
    service: rollout.service,
    environment: rollout.environment,
    release: release.number,
    ...(rollout.previousRelease === undefined ? {} : { previousRelease: rollout.previousRelease }),
    commit: release.commit.sha,
    image: imageReference(release.image),
    by: rollout.by,
    reason: rollout.reason,
    outcome,
    startedAt,
    endedAt,
    seconds: secondsBetween(startedAt, endedAt),
    ...(input.commitSeenAt && outcome === "succeeded"
      ? { commitToLiveSeconds: secondsBetween(input.commitSeenAt, endedAt) }
      : {}),
    ...(prober ? { prober } : {}),
    ...(balancers ? { balancers } : {}),
    ...(input.uncounted?.length ? { uncounted: input.uncounted } : {}),
    ...watched(input, Date.parse(startedAt)),
    holds: input.holds ?? [],
    longestDrainMs: Math.max(0, ...hosts.map((host) => host.stepsMs.drain ?? 0)),
    phasesMs: phaseTimes(input.timeline),
    hosts,
  };
}

/** Before the first host was touched, after the end, and all of it over time. */
function watched({ samples = [], timeline, endedAt }: ReceiptInput, startMs: number) {
  const touched = timeline.find((event) => event.host !== undefined && event.direction !== undefined);
  const endMs = endMsOf(timeline, endedAt);
  const before = countedWithin(samples, Number.NEGATIVE_INFINITY, touched ? Date.parse(touched.at) : endMs);
  const after = countedWithin(samples, endMs, Number.POSITIVE_INFINITY);
  const series = seriesOf(samples, startMs);
  return { ...(before ? { before } : {}), ...(after ? { after } : {}), ...(series ? { series } : {}) };
}

/** By the timeline's own clock, as the samples are: the server and its database may differ by a moment. */
export function endMsOf(timeline: readonly TimelineEvent[], endedAt: string): number {
  const finished = timeline.findLast((event) => event.step === "finish" && event.phase === "started");
  return Date.parse(finished?.at ?? endedAt);
}

/** Every host of the plan, then those that joined on the way, then those that were left out before anything began. */
function hostReceipts(
  { rollout: { plan, ...rollout }, timeline, excluded = rollout.excluded ?? [] }: ReceiptInput,
  startMs: number,
): readonly HostReceipt[] {
  const froms = new Map((plan?.batches ?? []).flatMap(({ hosts }) => hosts.map(({ name, from }) => [name, from])));
  const planned = (plan?.batches ?? []).flatMap((batch) => batch.hosts.map(({ name }) => name));
  const known = new Set([...planned, ...(plan?.upToDate ?? [])]);
  const visited = timeline.flatMap(({ host, direction }) => (host && direction ? [host] : []));
  const joined = new Set([...visited, ...excluded].filter((host) => !known.has(host)));
  const skipped = (plan?.skipped ?? []).filter((host) => !known.has(host) && !joined.has(host));
  const of = (host: string) => {
    const events = timeline.filter((event) => event.host === host);
    const from = froms.get(host);
    const receipt = { ...hostReceipt(host, events, startMs), ...(from === undefined ? {} : { from }) };
    return excluded.includes(host) ? leftOut(receipt, events) : receipt;
  };
  const unreached = (host: string): HostReceipt => ({
    ...{ host, outcome: "left-out", stepsMs: {}, repeated: 0, spans: [] },
    why: "It could not be reached when the rollout was planned.",
  });
  return [
    ...[...known].map(of),
    ...[...joined].map((host): HostReceipt => ({ ...of(host), joined: true })),
    ...skipped.map(unreached),
  ];
}

/** It was put back where it had been changed; why it was left out is what failed on it. */
function leftOut(receipt: HostReceipt, events: readonly TimelineEvent[]): HostReceipt {
  const failure = events.find(({ phase, direction }) => phase === "failed" && direction !== "back");
  const why = failure?.message ?? failure?.error?.message ?? "A person, or the policy for failures, left it out.";
  return { ...receipt, why, ...(receipt.outcome === "untouched" ? { outcome: "left-out" } : {}) };
}

function hostReceipt(host: string, events: readonly TimelineEvent[], startMs: number): HostReceipt {
  // What could not be pulled is told of the host, and left it as it was.
  const forward = events.filter((event) => event.direction === "forward" && event.step !== "prepare");
  const back = events.filter((event) => event.direction === "back");
  const stepsMs: Partial<Record<HostStep, number>> = {};
  for (const step of hostSteps) {
    const ms = spent(forward.filter((event) => event.step === step));
    if (ms !== undefined) stepsMs[step] = ms;
  }
  const putBackMs = span(back);
  const repeated = events.filter((event) => event.phase === "started" && event.attempt > 1).length;
  return {
    host,
    outcome: outcomeOf(forward, back),
    stepsMs,
    ...(putBackMs === undefined ? {} : { putBackMs }),
    repeated,
    spans: hostSpans(events, startMs),
  };
}

function outcomeOf(forward: readonly TimelineEvent[], back: readonly TimelineEvent[]): HostReceipt["outcome"] {
  if (back.length > 0) return back.some((event) => event.phase === "failed") ? "failed" : "put-back";
  if (forward.length === 0) return "untouched";
  // What a person had tried again counts by its last try.
  const last = forward.findLast((event) => event.phase !== "progress");
  if (last?.phase !== "succeeded") return "failed";
  if (last.step === "admit" || last.step === "bake") return "released";
  // Started beside the old one it is admitted first, and then the old one is drained.
  return last.step === "drain" && isAdmitted(forward) ? "released" : "failed";
}

const isAdmitted = (forward: readonly TimelineEvent[]): boolean =>
  forward.findLast(({ step, phase }) => phase === "succeeded" && (step === "admit" || step === "replace"))?.step ===
  "admit";

/**
 * From the start of the act to its end: one that a restart interrupted counts whole, as the host was in it whole. What
 * lies between two tries, while a person made up their mind, does not count.
 */
function spent(events: readonly TimelineEvent[]): number | undefined {
  let total: number | undefined;
  let from: string | undefined;
  for (const { phase, at } of events) {
    from ??= at;
    if (phase !== "succeeded" && phase !== "failed") continue;
    total = (total ?? 0) + millisBetween(from, at);
    from = undefined;
  }
  return total;
}

function span(events: readonly TimelineEvent[]): number | undefined {
  const first = events[0];
  const last = events.at(-1);
  return first && last ? millisBetween(first.at, last.at) : undefined;
}

const millisBetween = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from));
const secondsBetween = (from: string, to: string): number => Math.round(millisBetween(from, to) / 100) / 10;

export const addTraffic = (counts: readonly TrafficCount[]): TrafficCount | undefined =>
  counts.length === 0
    ? undefined
    : counts.reduce((sum, count) => ({
        requests: sum.requests + count.requests,
        failed: sum.failed + count.failed,
        cut: sum.cut + count.cut,
      }));
