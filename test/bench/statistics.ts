/** What many runs of one thing come to. */
export interface Summary {
  runs: number;
  median: number;
  p95: number;
  highest: number;
}

/** Summarises at least one value. */
export function summarise(values: number[]): Summary {
  if (values.length === 0) throw new Error("Cannot summarise: there are no values");
  const sorted = values.toSorted((a, b) => a - b);
  return {
    runs: sorted.length,
    median: round((rank(sorted, 0.5) + rank(sorted.toReversed(), 0.5)) / 2),
    p95: round(rank(sorted, 0.95)),
    highest: round(rank(sorted, 1)),
  };
}

/** The nearest rank: the smallest value that at least `share` of all values do not exceed. */
function rank(sorted: number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Three significant digits are more than a benchmark knows. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
