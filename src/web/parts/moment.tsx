import { second, useNow } from "../server-clock.ts";
import { absoluteTime, duration, relativeTime } from "../words.ts";

/** A time as people say it, the exact one on hover. */
export function Moment({ at }: { at: string }) {
  const now = useNow(second);
  return (
    <time dateTime={at} title={absoluteTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}

/** How long it took, or has taken so far. */
export function Took({ from, to }: { from: string | undefined; to?: string | undefined }) {
  const now = useNow(second);
  if (from === undefined) return null;
  const ms = (to === undefined ? now : Date.parse(to)) - Date.parse(from);
  return (
    <span className="numbers">{duration(to === undefined ? Math.max(0, Math.floor(ms / second) * second) : ms)}</span>
  );
}
