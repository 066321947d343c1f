import type { Receipt } from "#core/receipt.ts";

/** The stretch of time that is drawn, in milliseconds after the start of the rollout, and where it lies. */
export type Axis = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Where the first host was touched, and where the rollout ended. */
  readonly touchedMs: number | undefined;
  readonly endMs: number;
  x(ms: number): number;
};

export type Place = { readonly left: number; readonly width: number };

/** Hours of waiting for an approval are not drawn: it begins where something is known. */
export function axisOf({ series, hosts, seconds }: Receipt, { left, width }: Place): Axis {
  const spans = hosts.flatMap((host) => host.spans ?? []);
  const endMs = seconds * 1_000;
  const starts = [...(series ? [series.fromMs] : []), ...spans.map((span) => span.fromMs)];
  const points = series?.prober?.requests.length ?? series?.balancers?.requests.length ?? 0;
  const ends = [endMs, ...spans.map((span) => span.toMs), ...(series ? [series.fromMs + points * series.everyMs] : [])];
  const fromMs = starts.reduce((least, ms) => Math.min(least, ms), starts.length > 0 ? Infinity : 0);
  const toMs = ends.reduce((most, ms) => Math.max(most, ms), fromMs + 1);
  const touched = spans.reduce((least, span) => Math.min(least, span.fromMs), Infinity);
  return {
    fromMs,
    toMs,
    touchedMs: Number.isFinite(touched) ? touched : undefined,
    endMs,
    x: (ms) => left + (width * (Math.min(toMs, Math.max(fromMs, ms)) - fromMs)) / (toMs - fromMs),
  };
}

const tickSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];
const mostTicks = 8;

/** Round times after the beginning of the axis. */
export function ticksOf({ fromMs, toMs }: Axis): readonly number[] {
  const lengthMs = toMs - fromMs;
  const everyMs = (tickSeconds.find((seconds) => lengthMs / (seconds * 1_000) <= mostTicks) ?? 604_800) * 1_000;
  return Array.from({ length: Math.floor(lengthMs / everyMs) + 1 }, (_, index) => index * everyMs);
}
