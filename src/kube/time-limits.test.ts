import { afterAll, beforeAll, expect, test } from "bun:test";
import { TransportError } from "./errors.ts";
import { openExec } from "./exec.ts";
import { clientOf, rejectionOf, statusAnswer, withApi, withRawPeer } from "./testdata/fake-api.ts";
import { acceptWebSocket } from "./testdata/fake-exec.ts";

/** The source's limits are seconds; here its clock and its timers run so many times faster. */
const SPEED = 20;

type Timer = (callback: () => void, ms: number) => unknown;
const real = { setTimeout, setInterval, now: performance.now.bind(performance) };
beforeAll(() => {
  const faster = (timer: Timer) => (callback: () => void, ms: number) => timer(callback, ms / SPEED);
  Object.assign(globalThis, { setTimeout: faster(real.setTimeout), setInterval: faster(real.setInterval) });
  performance.now = () => real.now() * SPEED;
});
afterAll(() => {
  Object.assign(globalThis, { setTimeout: real.setTimeout, setInterval: real.setInterval });
  performance.now = real.now;
});

/** How long a promise took to be rejected, in seconds of the fast clock. */
async function seconds(promise: Promise<unknown>): Promise<{ took: number; error: unknown }> {
  const began = performance.now();
  const error = await rejectionOf(promise);
  return { took: (performance.now() - began) / 1000, error };
}

/** Beyond every limit, in case the source has lost it. */
const signal = () => AbortSignal.timeout(4_000);
const ignore = () => undefined;
const EXEC = { namespace: "n", pod: "p", container: "agent", command: ["x"], onStdout: ignore, onStderr: ignore };

test.concurrent("a server that refuses connections is asked for 5 s", async () => {
  const { took, error } = await seconds(
    clientOf("http://127.0.0.1:1").json({ path: "/x", what: "GET x", signal: signal() }),
  );
  expect(error).toMatchObject({ name: "TransportError", unsent: true });
  expect(String(error)).toContain("the API server refuses connections (http://127.0.0.1:1)");
  expect(took).toBeWithin(4, 7);
});

test.concurrent("a server that answers 500 is asked for 5 s, and its answer told", async () => {
  await withApi(
    () => statusAnswer(500, { message: "etcd is down" }),
    async ({ client, seen }) => {
      const { took, error } = await seconds(client.json({ path: "/x", what: "GET x", signal: signal() }));
      expect(error).toMatchObject({ name: "ApiError", code: 500 });
      expect(took).toBeWithin(4, 7);
      expect(seen.length).toBeWithin(5, 41);
    },
  );
});

test.concurrent("a server that says nothing is given up after 8 s; a POST to it is not repeated", async () => {
  await withRawPeer(
    () => undefined,
    async ({ client, heads }) => {
      const { took, error } = await seconds(
        client.json({ method: "POST", path: "/x", what: "POST x", body: {}, signal: signal() }),
      );
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ unsent: false });
      expect(String(error)).toContain("no answer from http://127.0.0.1:");
      expect(took).toBeWithin(7.5, 9.5);
      expect(heads).toHaveLength(1);
    },
  );
});

test.concurrent("an exec whose peer answers no ping is given up in about 8 s", async () => {
  await withRawPeer(
    (socket, head) => {
      if (head.startsWith("GET")) acceptWebSocket(socket, socket.request);
    },
    async ({ client }) => {
      const { exited } = await openExec(client, { ...EXEC, signal: signal() });
      const { took, error } = await seconds(exited);
      expect(error).toMatchObject({ name: "ExecError" });
      expect(String(error)).toContain("the peer was silent for");
      expect(took).toBeWithin(7.5, 11);
    },
  );
});
