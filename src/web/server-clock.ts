import { useSyncExternalStore } from "react";

/**
 * The server's time. What is recorded carries the server's clock; a browser whose own clock is off would draw a
 * running step in the future. Below two seconds the difference is the header's own coarseness.
 */

const trustedMs = 2_000;
let aheadMs = 0;

/** Every answer's `Date` header says how far the server's clock is ahead of ours. */
export function noteServerDate(date: string | null): void {
  const ms = date === null ? Number.NaN : Date.parse(date) - Date.now();
  if (!Number.isNaN(ms)) aheadMs = Math.abs(ms) < trustedMs ? 0 : ms;
}

/** Now, by the server's clock, in whole multiples of `everyMs`: equal between two ticks, as React asks. */
export const useNow = (everyMs: number): number =>
  useSyncExternalStore(
    everyMs === quarter ? followQuarter : followSecond,
    () => Math.floor((Date.now() + aheadMs) / everyMs) * everyMs,
  );

export const quarter = 250;
export const second = 1_000;

const ticking = (everyMs: number) => (onChange: () => void) => {
  const timer = setInterval(onChange, everyMs);
  return () => clearInterval(timer);
};
const followQuarter = ticking(quarter);
const followSecond = ticking(second);
