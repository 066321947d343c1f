const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The units as people are told of them. */
export const durationUnits = "ms, s, m, h or d, as in 500ms, 10s, 5m";

export const durationPattern = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** Milliseconds of `10s`, `1.5m`, `500ms`; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text.trim());
  const factor = units[match?.[2] ?? ""];
  const ms = match && factor ? Math.round(Number(match[1]) * factor) : undefined;
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** The largest unit that gives a whole number: 90000 is `90s`, 60000 is `1m`. */
export function formatDuration(ms: number): string {
  for (const unit of ["d", "h", "m", "s"]) {
    const factor = units[unit] ?? 1;
    if (ms >= factor && ms % factor === 0) return `${ms / factor}${unit}`;
  }
  return `${ms}ms`;
}
