import { expect, test } from "bun:test";
import { statusAnswer, withApi } from "../kube/testdata/fake-api.ts";
import { exitStatus, withExecServer } from "../kube/testdata/fake-exec.ts";
import { runBd } from "./bd.ts";
import { contextOf } from "./testdata/context.ts";

const city = { name: "c", namespace: "n", runner: "r", pod: "r-0", identity: "i" };

/** The time of an operation counts from the start of its process. */
const inMs = (ms: number) => performance.now() + ms;
const LIST = { city, scope: "tc", what: "list", body: () => "bd list\ndone_with $?" };

test("a store that is missed again after it was set up is set up with pauses, and then told", async () => {
  let execs = 0;
  let attached = 0;
  const isWhole = (data: Uint8Array) => data[0] === 255;
  const lost = {
    message(socket: { send(data: Uint8Array): unknown }, data: Uint8Array) {
      if (!isWhole(data)) return;
      execs++;
      socket.send(exitStatus(114));
    },
  };
  await withExecServer(lost, async (client) => {
    const attach = async () => void attached++;
    const listed = runBd(contextOf(client), { ...LIST, attach, deadlineMs: inMs(3_000) });
    await expect(listed).rejects.toThrow("Cannot list: its store is not set up in the beads runner");
  });
  // Once at once, and then at 0.2 s, 0.4 s, 0.8 s…
  expect([execs > 2, execs < 9, attached]).toEqual([true, true, execs - 1]);
}, 10_000);

test("an exec that is turned away with 429 is repeated after the pause that the server asks for", async () => {
  const began = performance.now();
  let asked = 0;
  await withApi(
    () => {
      asked++;
      return statusAnswer(429, { reason: "TooManyRequests" }, { "Retry-After": "1" });
    },
    async ({ client }) => {
      const listed = runBd(contextOf(client), { ...LIST, deadlineMs: inMs(20_000) });
      await expect(listed).rejects.toThrow("429");
    },
  );
  // The usual window of 5 s, two requests a try: the second gets the reason that a WebSocket does not tell.
  expect(performance.now() - began).toBeGreaterThan(3_000);
  expect([asked > 4, asked < 14]).toEqual([true, true]);
}, 15_000);
