import type { Connection, Credentials } from "../connection.ts";
import { KubeClient } from "../request.ts";

/** One request as a fake API server saw it. */
export interface Seen {
  method: string;
  url: URL;
  headers: Headers;
  body: string;
}

/** A peer on this machine that answers as a test says. */
export interface FakeApi {
  client: KubeClient;
  seen: Seen[];
}

/** A client of `server`; `credentials` stands for a kubeconfig's user. */
export function clientOf(server: string, credentials: Connection["credentials"] = noCredentials): KubeClient {
  return new KubeClient({ server, namespace: "ns", tls: {}, proxy: undefined, credentials });
}

async function noCredentials(): Promise<Credentials> {
  return { headers: {} };
}

/** Runs `use` against an HTTP server that answers each request by `answer`, told its number from 0. */
export async function withApi(
  answer: (seen: Seen, number: number) => Response | Promise<Response>,
  use: (api: FakeApi) => Promise<void>,
  credentials?: Connection["credentials"],
): Promise<void> {
  const seen: Seen[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { method, headers } = request;
      const number = seen.push({ method, headers, url: new URL(request.url), body: await request.text() }) - 1;
      const all = seen[number];
      return all ? await answer(all, number) : new Response(null, { status: 500 });
    },
  });
  try {
    await use({ client: clientOf(`http://127.0.0.1:${server.port}`, credentials), seen });
  } finally {
    await server.stop(true);
  }
}

/** What a raw connection can do to its client. */
export interface RawSocket {
  /** What the client has just sent. */
  request: string;
  write(data: string): unknown;
  /** Ends in order. */
  end(data?: string): unknown;
  /** Ends with RST. */
  terminate(): unknown;
}

/** Runs `use` against a TCP peer that does with each request's bytes what `answer` says; `heads` are first lines. */
export async function withRawPeer(
  answer: (socket: RawSocket, head: string, number: number) => void,
  use: (peer: { client: KubeClient; heads: string[] }) => Promise<void>,
): Promise<void> {
  const heads: string[] = [];
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, data) {
        const request = data.toString("latin1");
        const head = request.split("\r\n")[0] ?? "";
        const raw: RawSocket = {
          request,
          write: (text) => socket.write(text),
          end: (text = "") => socket.end(text),
          terminate: () => socket.terminate(),
        };
        answer(raw, head, heads.push(head) - 1);
      },
    },
  });
  try {
    await use({ client: clientOf(`http://127.0.0.1:${listener.port}`), heads });
  } finally {
    listener.stop(true);
  }
}

/** An error answer as the API server makes it. */
export function statusAnswer(
  code: number,
  status: { reason?: string; message?: string; details?: { kind?: string; name?: string } } = {},
  headers: Record<string, string> = {},
): Response {
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", code, ...status };
  return Response.json(body, { status: code, headers });
}

/** What a promise was rejected with; the test fails when it was not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  const value = await promise.then(
    () => undefined,
    (error: unknown) => error ?? new Error("rejected without a reason"),
  );
  if (value === undefined) throw new Error("the promise was not rejected");
  return value;
}
