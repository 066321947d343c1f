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
};

/** The proof of a rollout, from nothing but what was recorded while it ran. */
export function makeReceipt(input: ReceiptInput): Receipt {
  const { rollout, release, timeline, outcome, endedAt, prober, balancers } = input;
  const startedAt = rollout.startedAt ?? rollout.createdAt;
  const names = (rollout.plan?.batches ?? []).flatMap((batch) => batch.hosts.map((host) => host.name));
  const untouched = rollout.plan?.upToDate ?? [];
  const hosts = [
    ...names.map((host) =>
      hostReceipt(
        host,
        timeline.filter((event) => event.host === host),
        Date.parse(startedAt),
      ),
    ),
    ...untouched.map((host): HostReceipt => ({ host, outcome: "untouched", stepsMs: {}, repeated: 0, spans: [] })),
  ];
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
    ...watched(input, Date.parse(startedAt)),
    holds: input.holds ?? [],
    longestDrainMs: Math.max(0, ...hosts.map((host) => host.stepsMs.drain ?? 0)),
    phasesMs: phaseTimes(timeline),
    hosts,
  };
}

/** Before the first host was touched, after the end, and all of it over time. */
function watched({ samples = [], timeline, endedAt }: ReceiptInput, startMs: number) {
  const touched = timeline.find((event) => event.host !== undefined && event.direction !== undefined);
  // By the timeline's own clock, as the samples are: the server and its database may differ by a moment.
  const finished = timeline.findLast((event) => event.step === "finish" && event.phase === "started");
  const endMs = Date.parse(finished?.at ?? endedAt);
  const before = countedWithin(samples, Number.NEGATIVE_INFINITY, touched ? Date.parse(touched.at) : endMs);
  const after = countedWithin(samples, endMs, Number.POSITIVE_INFINITY);
  const series = seriesOf(samples, startMs);
  return { ...(before ? { before } : {}), ...(after ? { after } : {}), ...(series ? { series } : {}) };
}

function hostReceipt(host: string, events: readonly TimelineEvent[], startMs: number): HostReceipt {
  const forward = events.filter((event) => event.direction === "forward");
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
  // Started beside the old one it is neither drained nor admitted by itself: all hosts are switched together.
  const isBeside = !forward.some((event) => event.step === "drain");
  const ends = isBeside ? ["check"] : ["admit", "bake"];
  return ends.includes(last.step) ? "released" : "failed";
}

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
