import { ApiError, type TransportError } from "./errors.ts";

/** Time in which one call repeats what failed. */
export interface RetryWindow {
  /** Waits before the next attempt; throws `error` when no time is left for one. */
  pause(error: Error): Promise<void>;
}

/** A call is repeated for this long after its first failure (an API server restarts in less). */
const WINDOW_MS = 5_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** client-go gives up after as many attempts, too. */
const MOST_ATTEMPTS = 40;

/** Makes the window of one call; the pauses grow, carry full jitter, and never go below a Retry-After. */
export function retryWindow(signal: AbortSignal): RetryWindow {
  let firstFailure: number | undefined;
  let attempts = 0;
  return {
    async pause(error) {
      const now = performance.now();
      firstFailure ??= now;
      const left = firstFailure + WINDOW_MS - now;
      const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts);
      const pauseMs = asked > 0 ? withJitter(asked) : Math.random() * ceiling;
      if (left <= 0 || asked > left || ++attempts >= MOST_ATTEMPTS) throw error;
      await sleep(Math.min(pauseMs, Math.max(left, asked)), signal);
    },
  };
}

/** The pause that the server asked for, and up to half of it more: all whom it turned away were told the same. */
export function withJitter(askedMs: number): number {
  return askedMs * (1 + Math.random() / 2);
}

/** Answers after which the server asks for, or a read deserves, another attempt. */
export function isRetryableAnswer(error: ApiError, idempotent: boolean): boolean {
  // 429 is refused before any work; so is every answer with Retry-After (client-go's rule).
  if (error.code === 429 || (error.code >= 500 && error.retryAfterMs !== undefined)) return true;
  // Quota is charged by compare-and-swap: this 409 made nothing (kubernetes#67761).
  if (error.code === 409 && error.status.message?.includes("resourcequotas")) return true;
  // A new namespace gets its service account a moment after itself; until then its pods are refused.
  if (error.code === 403 && error.status.message?.includes("error looking up service account")) return true;
  return idempotent && error.code >= 500;
}

/** Broken connections: a request that never left may always be repeated, another only when idempotent. */
export function isRetryableFailure(error: TransportError, idempotent: boolean): boolean {
  const { code } = (error.cause ?? {}) as { code?: unknown };
  const isTls = typeof code === "string" && /CERT|VERIFY|SSL|TLS/.test(code);
  return !isTls && (error.unsent || idempotent);
}

/** Resolves after `ms` milliseconds; rejects with the signal's reason when that comes first. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
