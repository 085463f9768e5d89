/** The time that a wait may last; the wait may change it as it learns more. */
export interface Patience {
  /** Aborted when the time is over, or with the operation itself. */
  signal: AbortSignal;
  /** Counts `ms` from now; undefined = no limit but the operation's own. */
  limit(ms: number | undefined): void;
}

/** Runs a wait of at most `limitMs`, or as it sets itself. When its time is over, and not the operation's, what
 * `impatient` makes of it is the outcome: it says what was waited for in vain. */
export async function withPatience<T>(
  outer: AbortSignal,
  limitMs: number | undefined,
  wait: (patience: Patience) => Promise<T>,
  impatient: () => T | Promise<T>,
): Promise<T> {
  const over = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  function limit(ms: number | undefined): void {
    clearTimeout(timer);
    timer = ms === undefined ? undefined : setTimeout(() => over.abort(new Error("out of patience")), ms);
  }
  limit(limitMs);
  try {
    return await wait({ signal: AbortSignal.any([outer, over.signal]), limit });
  } catch (error) {
    if (!over.signal.aborted || outer.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  return await impatient();
}
