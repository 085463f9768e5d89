const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

/** Pause after writers have met, from the one that the newest event tells. It grows fast, and all writers take theirs
 * from the same event, so that none is pushed aside by those that come after it. */
export function longerPause(pauseMs: number): number {
  return Math.min(Math.max(1.5 * pauseMs, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
}

/** Pause to tell after a record that met nobody: shorter, and soon none. */
export function shorterPause(pauseMs: number): number {
  const shorter = Math.round(pauseMs * 0.75);
  return shorter < FIRST_PAUSE_MS / 2 ? 0 : shorter;
}
