import { describe, expect, test } from "bun:test";
import { TransportError } from "./errors.ts";
import { clientOf, type RawSocket, rejectionOf, withRawPeer } from "./testdata/fake-api.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/** Ways in which a peer fails after it has read the request: each may have come after the request's effect. */
const faults: Record<string, (socket: RawSocket) => void> = {
  "RST before the answer": (socket) => socket.terminate(),
  "FIN before the answer": (socket) => socket.end(),
  "no HTTP": (socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"),
  "half a head": (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Le"),
  "half a body": (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a"'),
  "half a chunked body": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n");
    socket.end();
  },
  "half of an error answer": (socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n{"k'),
};

describe.each(Object.entries(faults))("%s, then success", (_, fault) => {
  const answer = (socket: RawSocket, __: string, number: number) => {
    if (number === 0) fault(socket);
    else socket.end(OK);
  };

  test.concurrent("GET is repeated", async () => {
    await withRawPeer(answer, async ({ client, heads }) => {
      const signal = AbortSignal.timeout(3_000);
      expect(await client.json<unknown>({ path: "/x", what: "GET x", signal })).toEqual({});
      expect(heads).toHaveLength(2);
    });
  });

  test.concurrent.each(["POST", "DELETE", "PATCH"] as const)(
    "%s is not repeated once it may have arrived",
    async (method) => {
      await withRawPeer(answer, async ({ client, heads }) => {
        const signal = AbortSignal.timeout(3_000);
        const error = await rejectionOf(client.json({ method, path: "/x", what: "write", body: {}, signal }));
        expect(error).toBeInstanceOf(TransportError);
        expect(error).toMatchObject({ unsent: false });
        expect(heads).toHaveLength(1);
      });
    },
  );
});

test.concurrent("a POST on a kept connection that breaks is not repeated either, not even by Bun", async () => {
  const answer = (socket: RawSocket, head: string) => {
    if (head.startsWith("GET")) socket.write(OK);
    else socket.terminate();
  };
  await withRawPeer(answer, async ({ client, heads }) => {
    const signal = AbortSignal.timeout(3_000);
    for (let round = 0; round < 3; round++) {
      await client.json({ path: "/x", what: "GET x", signal });
      expect(
        await rejectionOf(client.json({ method: "POST", path: "/x", what: "POST", body: {}, signal })),
      ).toMatchObject({ unsent: false });
    }
    expect(heads.filter((head) => head.startsWith("POST"))).toHaveLength(3);
  });
});

test.concurrent("a POST that was refused a connection is repeated until somebody listens", async () => {
  let port = 0;
  await withRawPeer(
    () => undefined,
    async ({ client }) => {
      port = Number(new URL(client.connection.server).port);
    },
  );
  const heads: string[] = [];
  const client = clientOf(`http://127.0.0.1:${port}`);
  const signal = AbortSignal.timeout(4_000);
  const result = client.json<unknown>({ method: "POST", path: "/x", what: "POST", body: {}, signal });
  await Bun.sleep(300);
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port,
    socket: {
      data(socket, data) {
        heads.push(data.toString().slice(0, 4));
        socket.end(OK);
      },
    },
  });
  try {
    expect(await result).toEqual({});
    expect(heads).toEqual(["POST"]);
    expect(client.counts.retries).toBeGreaterThan(0);
  } finally {
    listener.stop(true);
  }
});

test.concurrent("an abort ends a wait for an answer at once, with the caller's reason", async () => {
  await withRawPeer(
    () => undefined,
    async ({ client, heads }) => {
      const controller = new AbortController();
      const reason = new Error("told to end");
      const result = client.json({ path: "/x", what: "GET", signal: controller.signal });
      result.catch(() => undefined);
      await Bun.sleep(50);
      const began = performance.now();
      controller.abort(reason);
      expect(await rejectionOf(result)).toBe(reason);
      expect(performance.now() - began).toBeLessThan(100);
      expect(heads).toHaveLength(1);
    },
  );
});

test.concurrent("an abort in the middle of a body is the caller's reason, too", async () => {
  const answer = (socket: RawSocket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a"');
  await withRawPeer(answer, async ({ client }) => {
    const error = await rejectionOf(client.json({ path: "/x", what: "GET", signal: AbortSignal.timeout(100) }));
    expect(error).toMatchObject({ name: "TimeoutError" });
  });
});
