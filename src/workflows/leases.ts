import type { World } from "#workflows/world.ts";

/** Nothing stays off for longer than this after the last sign of life of the rollout that switched it off. */
export const leaseMs = 10 * 60_000;
/** Well before the end, so that one renewal that fails ends nothing. */
export const renewEveryMs = 2 * 60_000;

export const leaseEnd = ({ clock }: World): string => new Date(clock.now() + leaseMs).toISOString();
