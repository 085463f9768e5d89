import { ApiError, TransportError } from "../kube/errors.ts";
import { sleep } from "../kube/retry.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** Repeats `action` while the API server cannot answer it, for longer than one request is repeated: an event that is
 * given up is lost. When the signal's time is over it throws what went wrong last. */
export async function untilAnswered<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  let last: unknown;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await action();
    } catch (error) {
      if (signal.aborted) throw last ?? error;
      if (!isPassing(error)) throw error;
      last = error;
    }
    await sleep(pauseMs * (0.5 + Math.random() / 2), signal).catch(() => {
      throw last;
    });
  }
}

/** Tells whether the same request may well succeed later. */
export function isPassing(error: unknown): boolean {
  return error instanceof TransportError || (error instanceof ApiError && (error.code === 429 || error.code >= 500));
}
