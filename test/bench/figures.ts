/** What the measurements come to. Pure. */

export type Target = {
  readonly name: string;
  readonly wanted: string;
  readonly measured: number;
  readonly isMet: boolean;
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError("nothing was measured");
  return (low + high) / 2;
}

/** Met when it is not above the limit. */
export const atMost = (name: string, measured: number, limit: number): Target => ({
  name,
  wanted: `at most ${limit}`,
  measured: rounded(measured),
  isMet: measured <= limit,
});

/** Met when it is not below the limit. */
export const atLeast = (name: string, measured: number, limit: number): Target => ({
  name,
  wanted: `at least ${limit}`,
  measured: rounded(measured),
  isMet: measured >= limit,
});

/** Three digits behind the point are more than a shared machine can tell. */
export const rounded = (value: number): number => Math.round(value * 1000) / 1000;
