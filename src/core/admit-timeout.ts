import type { BalancerTiming } from "#core/plan.ts";

/** For a balancer that does not tell how often it checks. */
export const usualAdmitTimeoutMs = 90_000;
/** A check may come late, and the first one may fail. */
const roomFactor = 2;
const roomMs = 30_000;

/** What a balancer needs at least from the start of a good program to its traffic; undefined where it is not known. */
export const admitNeedMs = ({ checksToAdmit, checkIntervalMs }: BalancerTiming): number | undefined =>
  checksToAdmit === undefined || checkIntervalMs === undefined ? undefined : checksToAdmit * checkIntervalMs;

/** How long the slowest of the balancers is given to take a host back into service. */
export const admitTimeoutFor = (timings: readonly BalancerTiming[]): number =>
  Math.max(usualAdmitTimeoutMs, ...timings.map((timing) => roomFactor * (admitNeedMs(timing) ?? 0) + roomMs));
