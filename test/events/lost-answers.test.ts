import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testNamespace } from "../conformance/namespace.ts";
import { type ApiProxy, apiProxy, failure, isWatch, type Passing } from "./api-proxy.ts";
import { eventsExecutable } from "./provider.ts";
import { type Log, logOf } from "./rules.ts";

const namespace = testNamespace();
beforeAll(() => namespace.create(), 60_000);
afterAll(() => namespace.remove(), 60_000);

let count = 0;
const seqs = (events: { seq: number }[]) => events.map(({ seq }) => seq);

/** A log behind a server that answers as it likes; `direct` sees the log as it is. */
async function behind(
  answer: (passing: Passing, count: number) => Promise<Response>,
  act: (log: Log, direct: Log, proxy: ApiProxy) => Promise<void>,
): Promise<void> {
  const city = `lost-${++count}`;
  const env: Record<string, string> = { ...namespace.env(), GC_K8S_CITY: city };
  const counts = new Map<string, number>();
  const proxy = apiProxy(env["KUBECONFIG"] ?? "", (passing) => {
    const kind = isWatch(passing) ? "watch" : passing.method;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return answer(passing, counts.get(kind) ?? 0);
  });
  const place = { city, env, kubectl: namespace.kubectl };
  try {
    await act(logOf(eventsExecutable({ ...env, ...proxy.env }), place), logOf(eventsExecutable(env), place), proxy);
  } finally {
    proxy.close();
  }
}

/** Message of the last event that a watch is to show. */
const LAST = "the last of all";

/** The server has done what it was asked, and its answer does not arrive. */
async function lose(passing: Passing): Promise<Response> {
  await (await passing.forward()).text();
  return failure(504, "Timeout");
}

describe("record", () => {
  test("an event whose answer was lost is recorded once", () =>
    behind(
      (passing, nth) => (passing.method === "POST" && nth <= 2 ? lose(passing) : passing.forward()),
      async (log, direct, proxy) => {
        await log.record({ message: "once" });
        expect(await direct.list()).toMatchObject([{ seq: 1, message: "once" }]);
        expect(proxy.requests.filter(({ method }) => method === "POST").length).toBeGreaterThan(1);
      },
    ));

  test("an event whose answer was lost, and whose number another then had, is recorded once behind it", () =>
    behind(
      async (passing, nth) => {
        if (passing.method !== "POST" || nth > 1) return passing.forward();
        // This request never arrives, and meanwhile another writer takes the number.
        await logOf(eventsExecutable({ ...namespace.env(), GC_K8S_CITY: `lost-${count}` }), {
          city: "",
          env: {},
          kubectl: namespace.kubectl,
        }).record({ message: "other" });
        return failure(504, "Timeout");
      },
      async (log, direct) => {
        await log.record({ message: "mine" });
        expect((await direct.list()).map(({ message }) => message)).toEqual(["other", "mine"]);
      },
    ));

  test.each([429, 500, 503])("an API server that answers %p for seconds gets the event at last", (code) =>
    behind(
      (passing, nth) => (nth <= 4 ? Promise.resolve(failure(code, "Busy")) : passing.forward()),
      async (log, direct) => {
        await log.record();
        expect(seqs(await direct.list())).toEqual([1]);
      },
    ),
  );

  test("a refusal is no reason to wait", () =>
    behind(
      async (passing) => (passing.method === "POST" ? failure(403, "Forbidden") : passing.forward()),
      async (log) => {
        const { exit, stderr, ms } = await log.call("record", [], '{"type":"a"}');
        expect(exit).toBe(1);
        expect(stderr).toMatch(/^record: POST event 1: [^\n]+\(HTTP 403\)\n$/);
        expect(ms).toBeLessThan(3_000);
      },
    ));
});

test("a list whose pages expire is read again, and never shown in part", () =>
  behind(
    (passing, nth) =>
      passing.url.searchParams.has("continue") && nth < 4 ? Promise.resolve(failure(410, "Expired")) : small(passing),
    async (log, direct) => {
      for (let at = 0; at < 5; at++) await direct.record();
      expect(seqs(await log.list())).toEqual([1, 2, 3, 4, 5]);
    },
  ));

/** The same page, two objects long. */
async function small(passing: Passing): Promise<Response> {
  if (passing.method === "GET" && !isWatch(passing)) passing.url.searchParams.set("limit", "2");
  return passing.forward();
}

describe("watch", () => {
  const after = (ms: number, response: Response) => cut(response, ms);

  test("goes on when the server closes its watches", () =>
    watchThrough((passing) =>
      isWatch(passing) ? passing.forward().then((answer) => after(150, answer)) : passing.forward(),
    ));

  test("goes on when its versions are too old, over HTTP", () =>
    watchThrough((passing, nth) =>
      isWatch(passing) && nth % 2 === 1
        ? Promise.resolve(failure(410, "Expired"))
        : passing.forward().then((answer) => (isWatch(passing) ? after(150, answer) : answer)),
    ));

  test("goes on when its versions are too old, as an event of the watch", () =>
    watchThrough((passing, nth) =>
      isWatch(passing) && nth < 4
        ? Promise.resolve(
            new Response(
              `${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } })}\n`,
            ),
          )
        : passing.forward(),
    ));

  test.each([401, 403, 404, 429, 500])("goes on after HTTP %p, which may pass", (code) =>
    watchThrough((passing, nth) => (nth <= 2 ? Promise.resolve(failure(code, "Passing")) : passing.forward())),
  );

  test("an event that the watch leaves out is looked up before the next is told", () =>
    watchThrough((passing) => (isWatch(passing) ? passing.forward().then(withoutSecondLines) : passing.forward())));

  async function watchThrough(answer: (passing: Passing, nth: number) => Promise<Response>): Promise<void> {
    await behind(answer, async (log, direct) => {
      for (let at = 0; at < 2; at++) await direct.record();
      const watcher = log.watch(0);
      try {
        for (let at = 0; at < 10; at++) {
          await direct.record(at === 9 ? { message: LAST } : {});
          await Bun.sleep(50);
        }
        expect(seqs(await log.events(watcher, 12))).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
        await Bun.sleep(300);
        expect(watcher.lines).toHaveLength(12);
      } finally {
        watcher.kill();
      }
    });
  }
});

/** The answer, broken off after a while, wherever it is then. */
function cut(response: Response, ms: number): Response {
  const reader = response.body?.getReader();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const timer = setTimeout(() => void reader?.cancel(), ms);
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
        controller.enqueue(part.value);
      clearTimeout(timer);
      controller.close();
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

/** A watch without every other event; only a later one shows that one is missing, so the last arrives. */
function withoutSecondLines(response: Response): Response {
  let line = 0;
  const decoder = new TextDecoderStream();
  const drop = new TransformStream<string, string>({
    transform(text, controller) {
      controller.enqueue(
        text
          .split(/(?<=\n)/)
          .filter((each) => !each.includes('"ADDED"') || each.includes(LAST) || ++line % 2 === 1)
          .join(""),
      );
    },
  });
  const body = response.body?.pipeThrough(decoder).pipeThrough(drop).pipeThrough(new TextEncoderStream());
  return new Response(body ?? null, { status: response.status, headers: response.headers });
}
