import { describe, expect, test } from "bun:test";
import { ApiError, TransportError } from "./errors.ts";
import { isRetryableAnswer, isRetryableFailure, retryWindow, sleep } from "./retry.ts";

const QUOTA = 'Operation cannot be fulfilled on resourcequotas "q": the object has been modified';

describe("which answers are worth another attempt", () => {
  test.each<[number, number | undefined, string, boolean, boolean]>([
    // code, Retry-After in ms, message, a write is repeated, a read is repeated
    [429, undefined, "", true, true],
    [429, 1000, "", true, true],
    [503, 1000, "", true, true],
    [500, 0, "", true, true],
    [500, undefined, "", false, true],
    [504, undefined, "etcdserver: request timed out", false, true],
    [409, undefined, QUOTA, true, true],
    [409, undefined, 'pods "x" already exists', false, false],
    [400, undefined, "", false, false],
    [401, undefined, "", false, false],
    [403, undefined, "", false, false],
    [404, undefined, "", false, false],
    [410, undefined, "", false, false],
    [404, 1000, "", false, false],
  ])("%p with Retry-After %p %p: write %p, read %p", (code, retryAfterMs, message, write, read) => {
    const error = new ApiError("x", { code, message }, retryAfterMs);
    expect([isRetryableAnswer(error, false), isRetryableAnswer(error, true)]).toEqual([write, read]);
  });
});

describe("which failures are worth another attempt", () => {
  test.each<[string, boolean, boolean, boolean]>([
    // code, never sent, a write is repeated, a read is repeated
    ["ECONNREFUSED", true, true, true],
    ["ECONNRESET", false, false, true],
    ["CERT_HAS_EXPIRED", true, false, false],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", false, false, false],
    ["ERR_TLS_CERT_ALTNAME_INVALID", false, false, false],
    ["ERR_SSL_WRONG_VERSION_NUMBER", false, false, false],
  ])("%s (unsent %p): write %p, read %p", (code, unsent, write, read) => {
    const error = new TransportError("x", code, unsent, { cause: { code } });
    expect([isRetryableFailure(error, false), isRetryableFailure(error, true)]).toEqual([write, read]);
  });
});

describe("the window", () => {
  const failure = new TransportError("x", "broke", false);

  test("the first pauses are short", async () => {
    const window = retryWindow(new AbortController().signal);
    const began = performance.now();
    await window.pause(failure);
    await window.pause(failure);
    expect(performance.now() - began).toBeLessThan(250);
  });

  test("no pause is shorter than what the server asked for", async () => {
    const window = retryWindow(new AbortController().signal);
    const began = performance.now();
    await window.pause(new ApiError("x", { code: 429 }, 300));
    expect(performance.now() - began).toBeGreaterThanOrEqual(299);
  });

  test("pauses of one length that the server asked for spread", async () => {
    const pause = async () => {
      const began = performance.now();
      await retryWindow(new AbortController().signal).pause(new ApiError("x", { code: 429 }, 200));
      return performance.now() - began;
    };
    const pauses = await Promise.all(Array.from({ length: 20 }, pause));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(199);
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(20);
  });

  test("a server that asks for more than is left is given up at once, with its own answer", async () => {
    const asked = new ApiError("x", { code: 503 }, 60_000);
    const began = performance.now();
    await expect(retryWindow(new AbortController().signal).pause(asked)).rejects.toBe(asked);
    expect(performance.now() - began).toBeLessThan(100);
  });

  test("the caller's abort ends a pause at once, with its reason", async () => {
    const controller = new AbortController();
    const reason = new Error("told to end");
    const paused = retryWindow(controller.signal).pause(new ApiError("x", { code: 429 }, 4_000));
    controller.abort(reason);
    await expect(paused).rejects.toBe(reason);
  });
});

describe("sleep", () => {
  test("ends at once when the signal was aborted before", async () => {
    await expect(sleep(10_000, AbortSignal.abort("reason"))).rejects.toBe("reason");
  });

  test("leaves no listener behind", async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    await sleep(1, signal);
    expect(listeners).toBe(0);
  });
});
