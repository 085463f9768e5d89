import { describe, expect, test } from "bun:test";
import { ApiError } from "./errors.ts";
import { type RawSocket, rejectionOf, type Seen, statusAnswer, withApi, withRawPeer } from "./testdata/fake-api.ts";
import { type KubeObject, type WatchEvent, watch } from "./watch.ts";

/** A body that holds these texts, one chunk each, and then ends or stays open. */
function stream(chunks: string[], end: "end" | "open" = "end"): Response {
  const bytes = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(bytes.encode(chunk));
        await Bun.sleep(5);
      }
      if (end === "end") controller.close();
    },
  });
  return new Response(body);
}

function line(type: string, version: number, name = "x"): string {
  return `${JSON.stringify({ type, object: { metadata: { name, uid: "u", resourceVersion: String(version) } } })}\n`;
}

/** Takes `count` events of a watch from version 10 on and leaves it. */
async function take(
  answer: (seen: Seen, number: number) => Response,
  count: number,
): Promise<{ events: WatchEvent<KubeObject>[]; seen: Seen[] }> {
  const events: WatchEvent<KubeObject>[] = [];
  let requests: Seen[] = [];
  await withApi(answer, async ({ client, seen }) => {
    requests = seen;
    const signal = AbortSignal.timeout(4_000);
    const options = {
      path: "/pods",
      what: "watch pods",
      resourceVersion: "10",
      fieldSelector: "metadata.name=x",
      signal,
    };
    for await (const event of watch(client, options)) {
      events.push(event);
      if (events.length === count) break;
    }
  });
  return { events, seen: requests };
}

const versions = (seen: Seen[]) => seen.map(({ url }) => url.searchParams.get("resourceVersion"));
const summary = (events: WatchEvent<KubeObject>[]) =>
  events.map(({ type, object }) => `${type} ${object.metadata.resourceVersion}`);

describe("a watch", () => {
  test.concurrent("asks for what it is told to", async () => {
    const { seen } = await take(() => stream([line("ADDED", 11)]), 1);
    expect(Object.fromEntries(seen[0]?.url.searchParams ?? [])).toEqual({
      watch: "1",
      allowWatchBookmarks: "true",
      timeoutSeconds: "60",
      resourceVersion: "10",
      fieldSelector: "metadata.name=x",
    });
  });

  test.concurrent("goes on from the last version seen; bookmarks move it and are not told", async () => {
    const answers = [
      stream([line("ADDED", 11) + line("MODIFIED", 12), line("BOOKMARK", 20)]),
      stream([line("BOOKMARK", 30)]),
      stream([line("DELETED", 31)], "open"),
    ];
    const { events, seen } = await take((_, number) => answers[number] ?? stream([]), 3);
    expect(summary(events)).toEqual(["ADDED 11", "MODIFIED 12", "DELETED 31"]);
    expect(versions(seen)).toEqual(["10", "20", "30"]);
  });

  test.concurrent("puts lines together that arrive in pieces, also within a character", async () => {
    const whole = new TextEncoder().encode(line("ADDED", 11, "é日😀"));
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (const byte of whole) controller.enqueue(Uint8Array.of(byte));
        controller.enqueue(new TextEncoder().encode(`\n${line("MODIFIED", 12)}`));
      },
    });
    const { events } = await take(() => new Response(body), 2);
    expect(events[0]?.object.metadata.name).toBe("é日😀");
    expect(summary(events)).toEqual(["ADDED 11", "MODIFIED 12"]);
  });

  test.concurrent("a half line at the end is not told, and asked for again", async () => {
    const half = line("MODIFIED", 12).slice(0, -10);
    const answers = [stream([line("ADDED", 11), half]), stream([line("MODIFIED", 12)])];
    const { events, seen } = await take((_, number) => answers[number] ?? stream([]), 2);
    expect(summary(events)).toEqual(["ADDED 11", "MODIFIED 12"]);
    expect(versions(seen)).toEqual(["10", "11"]);
  });

  test.concurrent("a whole event without its line's end is not told either; a broken connection is opened again", async () => {
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const answer = (socket: RawSocket, _: string, number: number) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      if (number === 0) socket.write(chunk(line("ADDED", 11) + line("MODIFIED", 12).trimEnd()));
      else socket.write(chunk(line("MODIFIED", 13)));
      setTimeout(() => socket.terminate(), 20);
    };
    await withRawPeer(answer, async ({ client, heads }) => {
      const signal = AbortSignal.timeout(3_000);
      const events = watch(client, { path: "/pods", what: "watch", resourceVersion: "10", signal });
      const told = [(await events.next()).value, (await events.next()).value];
      expect(summary(told)).toEqual(["ADDED 11", "MODIFIED 13"]);
      expect(heads[1]).toContain("resourceVersion=11");
      await events.return(undefined);
    });
  });

  test.concurrent.each([
    ...["<html>\n", "null\n", "5\n", "{}\n", '{"type":"ADDED"}\n', '{"type":"ADDED","object":null}\n'],
    '{"type":"MODIFIED","object":{"metadata":{"name":"x","resourceVersion":"12"}}}\n',
    '{"type":"DELETED","object":{"metadata":{"name":"x","uid":["u"],"resourceVersion":"12"}}}\n',
  ])("the line %p is no event: the watch goes on from the last version", async (bad) => {
    const answers = [stream([line("ADDED", 11), bad], "open"), stream([line("MODIFIED", 12)])];
    const { events, seen } = await take((_, number) => answers[number] ?? stream([]), 2);
    expect(summary(events)).toEqual(["ADDED 11", "MODIFIED 12"]);
    expect(versions(seen)).toEqual(["10", "11"]);
  });

  test.concurrent.each([429, 500, 503])("HTTP %p is asked again", async (code) => {
    const { events } = await take((_, number) => (number === 0 ? statusAnswer(code) : stream([line("ADDED", 11)])), 1);
    expect(summary(events)).toEqual(["ADDED 11"]);
  });

  test.concurrent("Retry-After is honoured", async () => {
    const busy = () => statusAnswer(429, {}, { "Retry-After": "1" });
    const began = performance.now();
    const { events } = await take((_, number) => (number === 0 ? busy() : stream([line("ADDED", 11)])), 1);
    expect(summary(events)).toEqual(["ADDED 11"]);
    expect(performance.now() - began).toBeGreaterThanOrEqual(999);
  });

  const gone = { kind: "Status", status: "Failure", code: 410, reason: "Expired", message: "too old" };
  test.concurrent.each<[string, () => Response, number]>([
    ["410 over HTTP", () => statusAnswer(410, { reason: "Expired" }), 410],
    ["410 as an event", () => stream([`${JSON.stringify({ type: "ERROR", object: gone })}\n`], "open"), 410],
    ["403", () => statusAnswer(403, { reason: "Forbidden" }), 403],
    ["404", () => statusAnswer(404, { reason: "NotFound" }), 404],
  ])("%s ends it", async (_, answer, code) => {
    let requests = 0;
    const counted = () => {
      requests++;
      return answer();
    };
    const error = await rejectionOf(take(counted, 1));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code });
    expect(requests).toBe(1);
  });

  test.concurrent("an ERROR event of 500 is asked again", async () => {
    const failed = `${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 500 } })}\n`;
    const { events } = await take((_, number) => stream([number === 0 ? failed : line("ADDED", 11)]), 1);
    expect(summary(events)).toEqual(["ADDED 11"]);
  });

  test.concurrent("a server that closes every watch at once is not asked in a tight loop", async () => {
    await withApi(
      () => stream([]),
      async ({ client, seen }) => {
        const options = { path: "/pods", what: "watch", resourceVersion: "10", signal: AbortSignal.timeout(500) };
        expect(await rejectionOf(watch(client, options).next())).toMatchObject({ name: "TimeoutError" });
        expect(seen.length).toBeWithin(2, 8);
      },
    );
  });

  test.concurrent("an abort ends it at once, with the caller's reason", async () => {
    await withApi(
      () => stream([line("ADDED", 11)], "open"),
      async ({ client }) => {
        const controller = new AbortController();
        const reason = new Error("told to end");
        const { signal } = controller;
        const events = watch(client, { path: "/pods", what: "watch", resourceVersion: "10", signal });
        expect((await events.next()).value).toMatchObject({ type: "ADDED" });
        const next = events.next();
        next.catch(() => undefined);
        await Bun.sleep(20);
        const began = performance.now();
        controller.abort(reason);
        expect(await rejectionOf(next)).toBe(reason);
        expect(performance.now() - began).toBeLessThan(100);
      },
    );
  });

  test.concurrent("the watch's own time is over: the next connection goes on", async () => {
    let number = 0;
    await withApi(
      () => (number++ === 0 ? stream([line("ADDED", 11)]) : stream([line("MODIFIED", 12)])),
      async ({ client, seen }) => {
        const signal = AbortSignal.timeout(3_000);
        const events = watch(client, { path: "/p", what: "w", resourceVersion: "10", timeoutSeconds: 1, signal });
        await events.next();
        expect((await events.next()).value).toMatchObject({ type: "MODIFIED" });
        expect(seen[0]?.url.searchParams.get("timeoutSeconds")).toBe("1");
        await events.return(undefined);
      },
    );
  });
});
