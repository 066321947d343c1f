export type Flatness = {
  readonly samples: number;
  /** Of the straight line through all samples. */
  readonly growthPerSample: number;
  readonly firstQuarterMedian: number;
  readonly lastQuarterMedian: number;
  /** Of the last quarter's median beyond the first's, as a share of it; negative where it fell. */
  readonly growth: number;
};

/** How a quantity moved over its samples: by a linear fit, and by the medians of the first and the last quarter. */
export function flatnessOf(samples: readonly number[]): Flatness {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const firstQuarterMedian = median(samples.slice(0, quarter));
  const lastQuarterMedian = median(samples.slice(-quarter));
  return {
    samples: samples.length,
    growthPerSample: slopeOf(samples),
    firstQuarterMedian,
    lastQuarterMedian,
    growth: firstQuarterMedian === 0 ? 0 : lastQuarterMedian / firstQuarterMedian - 1,
  };
}

/** Least squares. */
function slopeOf(samples: readonly number[]): number {
  const meanX = (samples.length - 1) / 2;
  const meanY = samples.reduce((sum, y) => sum + y, 0) / samples.length;
  let [above, below] = [0, 0];
  for (const [x, y] of samples.entries()) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  return below === 0 ? 0 : above / below;
}

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] =
    sorted.length % 2 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1, middle + 1);
  return (low + high) / 2;
}
