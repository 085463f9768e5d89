import { describe, expect, test } from "bun:test";
import { ApiError, TransportError } from "./errors.ts";
import type { RequestOptions } from "./request.ts";
import { rejectionOf, statusAnswer, withApi } from "./testdata/fake-api.ts";

/** Long enough for every repetition that a row expects, far below the window of 5 s. */
const signal = () => AbortSignal.timeout(3_000);
const QUOTA = 'Operation cannot be fulfilled on resourcequotas "q": the object has been modified';

type Kind = "GET" | "POST" | "PATCH" | "PATCH idempotent" | "DELETE" | "DELETE idempotent";

function request(kind: Kind): RequestOptions {
  const [method, idempotent] = kind.split(" ");
  return {
    method: method as "GET",
    path: "/x",
    what: kind,
    signal: signal(),
    ...(idempotent && { idempotent: true }),
    ...(method !== "GET" && { body: { a: 1 } }),
  };
}

const READS: Kind[] = ["GET", "PATCH idempotent", "DELETE idempotent"];
const WRITES: Kind[] = ["POST", "PATCH", "DELETE"];

interface Row {
  name: string;
  fault: () => Response;
  code: number;
  /** Kinds that are sent again and then succeed; all others fail after one attempt. */
  repeated: Kind[];
}

const rows: Row[] = [
  {
    name: "429 with Retry-After",
    fault: () => statusAnswer(429, {}, { "Retry-After": "0" }),
    code: 429,
    repeated: [...READS, ...WRITES],
  },
  { name: "429 without", fault: () => statusAnswer(429), code: 429, repeated: [...READS, ...WRITES] },
  {
    name: "503 with Retry-After",
    fault: () => statusAnswer(503, {}, { "Retry-After": "0" }),
    code: 503,
    repeated: [...READS, ...WRITES],
  },
  { name: "503 without", fault: () => statusAnswer(503), code: 503, repeated: READS },
  { name: "500 without", fault: () => statusAnswer(500), code: 500, repeated: READS },
  {
    name: "503 with a date as Retry-After",
    fault: () => statusAnswer(503, {}, { "Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT" }),
    code: 503,
    repeated: READS,
  },
  {
    name: "409 of the quota",
    fault: () => statusAnswer(409, { message: QUOTA }),
    code: 409,
    repeated: [...READS, ...WRITES],
  },
  { name: "409 AlreadyExists", fault: () => statusAnswer(409, { reason: "AlreadyExists" }), code: 409, repeated: [] },
  { name: "403", fault: () => statusAnswer(403, { reason: "Forbidden" }), code: 403, repeated: [] },
  { name: "404", fault: () => statusAnswer(404, { reason: "NotFound" }), code: 404, repeated: [] },
  { name: "422", fault: () => statusAnswer(422, { reason: "Invalid" }), code: 422, repeated: [] },
];

describe.each(rows)("$name, then success", ({ fault, code, repeated }) => {
  test.concurrent.each([...READS, ...WRITES])("%s", async (kind) => {
    await withApi(
      (_, number) => (number === 0 ? fault() : Response.json({ ok: true })),
      async ({ client, seen }) => {
        const result = client.json<unknown>(request(kind));
        if (repeated.includes(kind)) expect(await result).toEqual({ ok: true });
        else expect(await rejectionOf(result)).toMatchObject({ name: "ApiError", code });
        expect(seen).toHaveLength(repeated.includes(kind) ? 2 : 1);
        expect(client.counts).toEqual({ requests: seen.length, retries: seen.length - 1 });
        expect(new Set(seen.map(({ method, body }) => method + body)).size).toBe(1);
      },
    );
  });
});

describe("401", () => {
  const answer = (token: string) => (seen: { headers: Headers }) =>
    seen.headers.get("authorization") === token ? Response.json({}) : statusAnswer(401, { reason: "Unauthorized" });

  test.concurrent.each<Kind>(["GET", "POST"])("%s is sent once more, with credentials taken anew", async (kind) => {
    const asked: boolean[] = [];
    await withApi(
      answer("new"),
      async ({ client, seen }) => {
        await client.json(request(kind));
        expect(seen.map(({ headers }) => headers.get("authorization"))).toEqual(["old", "new"]);
        expect(asked).toEqual([false, true]);
      },
      async ({ refresh }) => {
        asked.push(refresh);
        return { headers: { Authorization: refresh ? "new" : "old" } };
      },
    );
  });

  test.concurrent("credentials that stay refused are asked for twice, not for ever", async () => {
    await withApi(answer("never"), async ({ client, seen }) => {
      expect(await rejectionOf(client.json(request("GET")))).toMatchObject({ code: 401 });
      expect(seen).toHaveLength(2);
    });
  });
});

describe("what is sent", () => {
  test.concurrent("method, path, query, headers and JSON body", async () => {
    const credentials = async () => ({ headers: { Authorization: "Bearer t" } });
    const use = async ({ client, seen }: Parameters<Parameters<typeof withApi>[1]>[0]) => {
      await client.json({
        method: "PATCH",
        path: "/api/v1/pods/a%2Fb",
        query: { a: "1 2&3", b: undefined, c: true, d: 0 },
        contentType: "application/merge-patch+json",
        body: { é: 1 },
        what: "x",
        signal: signal(),
      });
      await client.json({ path: "/y", what: "y", signal: signal() });
      expect(seen[0]?.method).toBe("PATCH");
      expect(seen[0]?.url.pathname).toBe("/api/v1/pods/a%2Fb");
      expect([...(seen[0]?.url.searchParams ?? [])]).toEqual([
        ["a", "1 2&3"],
        ["c", "true"],
        ["d", "0"],
      ]);
      expect(seen[0]?.headers.get("content-type")).toBe("application/merge-patch+json");
      expect(seen[0]?.headers.get("authorization")).toBe("Bearer t");
      expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ é: 1 });
      expect([seen[1]?.body, seen[1]?.headers.get("content-type"), seen[1]?.url.search]).toEqual(["", null, ""]);
    };
    await withApi(() => Response.json({}), use, credentials);
  });

  test.concurrent("nothing when the signal was aborted before", async () => {
    await withApi(
      () => Response.json({}),
      async ({ client, seen }) => {
        const reason = new Error("too late");
        const aborted = client.json({ path: "/", what: "x", signal: AbortSignal.abort(reason) });
        expect(await rejectionOf(aborted)).toBe(reason);
        expect(seen).toEqual([]);
      },
    );
  });
});

describe("answers that are no JSON, and no Status", () => {
  test.concurrent("an OK page is no answer; a read is repeated, a write is not", async () => {
    const page = () => new Response("<html>login</html>");
    await withApi(
      (_, number) => (number === 0 ? page() : Response.json({ ok: 1 })),
      async ({ client, seen }) => {
        expect(await client.json<unknown>(request("GET"))).toEqual({ ok: 1 });
        expect(seen).toHaveLength(2);
      },
    );
    await withApi(page, async ({ client, seen }) => {
      const error = await rejectionOf(client.json(request("POST")));
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ message: "POST: the answer is not JSON", unsent: false });
      expect(seen).toHaveLength(1);
    });
  });

  test.concurrent.each<[string, string]>([
    ["<html>\n502 Bad Gateway</html>", "GET: <html>\n502 Bad Gateway</html> (HTTP 403)"],
    ["", "GET: empty answer (HTTP 403)"],
    ['{"reason":"NotFound"}', 'GET: {"reason":"NotFound"} (HTTP 403)'],
    ["null", "GET: null (HTTP 403)"],
    ["x".repeat(5_000), `GET: ${"x".repeat(200)} (HTTP 403)`],
  ])("a page %p keeps the code of HTTP and has no reason", async (body, message) => {
    await withApi(
      () => new Response(body, { status: 403 }),
      async ({ client }) => {
        const error = await rejectionOf(client.json(request("GET")));
        expect(error).toBeInstanceOf(ApiError);
        expect(error).toMatchObject({ code: 403, reason: "", message });
      },
    );
  });

  test.concurrent("the code of HTTP counts, whatever the Status claims", async () => {
    const lie = () => Response.json({ kind: "Status", code: 404, reason: "Forbidden" }, { status: 403 });
    await withApi(lie, async ({ client }) => {
      expect(await rejectionOf(client.json(request("GET")))).toMatchObject({ code: 403, reason: "Forbidden" });
    });
  });

  test.concurrent("a redirect is not followed", async () => {
    await withApi(
      () => new Response(null, { status: 302, headers: { Location: "/elsewhere" } }),
      async ({ client, seen }) => {
        expect(await rejectionOf(client.json(request("POST")))).toBeInstanceOf(Error);
        expect(seen.map(({ url }) => url.pathname)).toEqual(["/x"]);
      },
    );
  });
});

test.concurrent("the server's clock is that of its latest answer", async () => {
  const date = "Wed, 21 Oct 2015 07:28:00 GMT";
  await withApi(
    (_, number) => Response.json({}, { headers: { Date: number === 0 ? date : "nonsense" } }),
    async ({ client }) => {
      await client.json(request("GET"));
      await client.json(request("GET"));
      expect(client.serverNowMs).toBe(Date.parse(date));
    },
  );
});
