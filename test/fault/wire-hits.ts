/** Which connections, or which requests, a fault happens to; counted from 0 over the whole call. */
export type Hits = "first" | "all" | { from: number; count?: number };

/** Tells whether the fault happens to that one. */
export function isHit(hits: Hits, number: number): boolean {
  if (hits === "all") return true;
  const { from, count = Number.POSITIVE_INFINITY } = hits === "first" ? { from: 0, count: 1 } : hits;
  return number >= from && number < from + count;
}

/** It goes on as long as the call does. */
export function isLasting(hits: Hits): boolean {
  return hits === "all" || (hits !== "first" && hits.count === undefined);
}
