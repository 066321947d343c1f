/** Of the time that passes, so much at most goes into coming back to the machine's clock. */
const catchUpShare = 0.1;

export type Sources = {
  /** The machine's clock, in ms since 1970: somebody may set it. */
  readonly wall: () => number;
  /** In ms since whenever: nobody can set it. */
  readonly steady: () => number;
};

/**
 * The time of day without jumps. When the machine's clock is set, deadlines and stable times under way must neither be
 * over at once nor last for hours: we follow it slowly, so that a wait is wrong by a tenth at most, and never go back.
 */
export function steadyClock({ wall, steady }: Sources): () => number {
  let [toldMs, atMs] = [wall(), steady()];
  return () => {
    const passedMs = steady() - atMs;
    const behindMs = wall() - (toldMs + passedMs);
    const mostMs = passedMs * catchUpShare;
    toldMs += passedMs + Math.max(-mostMs, Math.min(mostMs, behindMs));
    atMs += passedMs;
    return Math.floor(toldMs);
  };
}
