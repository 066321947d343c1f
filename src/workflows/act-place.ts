import type { TimelineEvent } from "#core/rollout.ts";

/** What an act is of: the whole rollout, or one host in one direction. */
export type ActPlace = Pick<TimelineEvent, "rolloutId" | "step"> & Partial<Pick<TimelineEvent, "host" | "direction">>;

/** `forward web-1 drain`, as the journal and people call it. */
export const actName = ({ direction, host, step }: ActPlace): string =>
  [direction, host, step].filter(Boolean).join(" ");
