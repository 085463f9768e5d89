import { describe, expect, test } from "bun:test";
import { TransportError } from "./errors.ts";
import { clientOf, rejectionOf, statusAnswer, withApi, withRawPeer } from "./testdata/fake-api.ts";
import { exec } from "./testdata/fake-exec.ts";

const isUpgrade = (headers: Headers) => headers.get("upgrade")?.toLowerCase() === "websocket";
const signal = () => AbortSignal.timeout(2_000);

describe("a refused upgrade is told in the server's words", () => {
  test.each([
    [403, "Forbidden", 'pods "pod" is forbidden: User "u" cannot get resource "pods/exec"'],
    [404, "NotFound", 'pods "pod" not found'],
    [400, "BadRequest", "container agent is not valid for pod pod"],
    [500, "InternalError", "error dialing backend"],
    [503, "ServiceUnavailable", "the server is overloaded"],
    [429, "TooManyRequests", "try again later"],
  ])("%p %s", async (code, reason, message) => {
    await withApi(
      () => statusAnswer(code, { reason, message }),
      async ({ client, seen }) => {
        const error = await rejectionOf(exec(client, { command: ["a", "b c"], signal: signal() }));
        expect(error).toMatchObject({ name: "ApiError", code, reason });
        expect(String(error)).toContain(message);
        const [upgrade, plain] = seen;
        expect([upgrade, plain].map((each) => isUpgrade(each?.headers ?? new Headers()))).toEqual([true, false]);
        expect(plain?.url.href).toBe(upgrade?.url.href ?? "");
        expect(seen).toHaveLength(2);
      },
    );
  });

  test("401 is asked again with credentials taken anew, and then told", async () => {
    const asked: boolean[] = [];
    await withApi(
      () => statusAnswer(401, { reason: "Unauthorized" }),
      async ({ client }) => {
        expect(await rejectionOf(exec(client, { signal: signal() }))).toMatchObject({ code: 401 });
        expect(asked).toContain(true);
      },
      async ({ refresh }) => {
        asked.push(refresh);
        return { headers: {} };
      },
    );
  });

  test("the credentials go with the upgrade, too", async () => {
    await withApi(
      () => statusAnswer(403),
      async ({ client, seen }) => {
        await rejectionOf(exec(client, { signal: signal() }));
        expect(seen.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer t", "Bearer t"]);
        expect(seen[0]?.headers.get("sec-websocket-protocol")).toBe("v5.channel.k8s.io");
      },
      async () => ({ headers: { Authorization: "Bearer t" } }),
    );
  });
});

test("a refusal whose reason has passed, or an answer that was lost: the command may have begun", async () => {
  await withApi(
    ({ headers }) =>
      isUpgrade(headers) ? statusAnswer(500) : statusAnswer(400, { message: "Upgrade request required" }),
    async ({ client, seen }) => {
      const error = await rejectionOf(exec(client, { signal: signal() }));
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ unsent: false });
      expect(seen).toHaveLength(2);
    },
  );
});

test("a plain GET that succeeds is no command that ran", async () => {
  await withApi(
    ({ headers }) => (isUpgrade(headers) ? statusAnswer(500) : Response.json({})),
    async ({ client }) => {
      expect(await rejectionOf(exec(client, { signal: signal() }))).toBeInstanceOf(TransportError);
    },
  );
});

test("a peer that breaks every connection gives no answer, and may have begun the command", async () => {
  await withRawPeer(
    (socket) => socket.terminate(),
    async ({ client, heads }) => {
      const error = await rejectionOf(exec(client, { signal: signal() }));
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ unsent: false });
      expect(heads).toHaveLength(2);
    },
  );
});

test.each([
  ["an upgrade without the protocol's proof", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"],
  ["no HTTP", "SSH-2.0\r\n"],
])("%s opens nothing", async (_, answer) => {
  await withRawPeer(
    (socket) => socket.end(answer),
    async ({ client }) => {
      expect(await rejectionOf(exec(client, { signal: signal() }))).toBeInstanceOf(TransportError);
    },
  );
});

test("an abort ends an upgrade that nobody answers at once, with the caller's reason", async () => {
  await withRawPeer(
    () => undefined,
    async ({ client }) => {
      const controller = new AbortController();
      const reason = new Error("told to end");
      const opened = exec(client, { signal: controller.signal });
      opened.catch(() => undefined);
      await Bun.sleep(50);
      const began = performance.now();
      controller.abort(reason);
      expect(await rejectionOf(opened)).toBe(reason);
      expect(performance.now() - began).toBeLessThan(100);
    },
  );
});

test("a server that refuses connections is asked by nobody else: the caller repeats, and knows that it may", async () => {
  const client = clientOf("http://127.0.0.1:1");
  const error = await rejectionOf(exec(client, { signal: signal() }));
  expect(error).toMatchObject({ name: "TransportError", unsent: true });
  expect(client.counts.retries).toBe(0);
});
