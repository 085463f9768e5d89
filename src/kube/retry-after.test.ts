import { describe, expect, test } from "bun:test";
import { rejectionOf, statusAnswer, withApi } from "./testdata/fake-api.ts";

describe("429 with Retry-After: 1", () => {
  const busy = () => statusAnswer(429, { reason: "TooManyRequests" }, { "Retry-After": "1" });

  test.concurrent("a write is sent again after a second, not before", async () => {
    await withApi(
      (_, number) => (number === 0 ? busy() : Response.json({ ok: true })),
      async ({ client, seen }) => {
        const began = performance.now();
        expect(
          await client.json<unknown>({
            method: "POST",
            path: "/x",
            body: {},
            what: "POST",
            signal: AbortSignal.timeout(3_000),
          }),
        ).toEqual({ ok: true });
        expect(performance.now() - began).toBeWithin(999, 2_000);
        expect(seen).toHaveLength(2);
      },
    );
  });

  test.concurrent("the operation's deadline ends the wait", async () => {
    await withApi(busy, async ({ client, seen }) => {
      const began = performance.now();
      const ended = client.json({
        method: "POST",
        path: "/x",
        body: {},
        what: "POST",
        signal: AbortSignal.timeout(300),
      });
      expect(await rejectionOf(ended)).toMatchObject({ name: "TimeoutError" });
      expect(performance.now() - began).toBeLessThan(900);
      expect(seen).toHaveLength(1);
    });
  });

  test.concurrent("a server that goes on is given up after 5 s, with its own answer", async () => {
    await withApi(busy, async ({ client, seen }) => {
      const began = performance.now();
      const ended = client.json({ path: "/x", what: "GET", signal: AbortSignal.timeout(9_000) });
      expect(await rejectionOf(ended)).toMatchObject({ code: 429, reason: "TooManyRequests" });
      expect(performance.now() - began).toBeWithin(3_000, 6_600);
      expect(seen.length).toBeWithin(4, 7);
    });
  }, 10_000);
});
