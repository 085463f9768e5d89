import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a request wants of the namespace's pods. */
export interface Asked {
  what: "get" | "list" | "watch" | "post" | "delete" | "other";
  body: string;
}

/** What the peer says to a request. */
export interface FuzzAnswer {
  code: number;
  body: Uint8Array;
}

/** What the peer does with the calls of one case. */
export interface FuzzCase {
  /** Frames that an exec gets before its connection ends. */
  frames?: (Uint8Array | string)[];
  /** Answer to any other request; without one it is forbidden, which no operation waits on. */
  answer?(asked: Asked): FuzzAnswer | undefined;
}

/** An API server on this machine whose answers are made up. Each case has a namespace of its own, named after its number. */
export interface FuzzServer {
  port: number;
  kubeconfig: string;
  folder: string;
  /** Requests that came for a case. */
  requestsOf(number: number): number;
  set(number: number, what: FuzzCase): void;
  close(): void;
}

const FORBIDDEN = { kind: "Status", status: "Failure", reason: "Forbidden", code: 403, message: "made by the test" };

/** Namespace of the case. */
export function namespaceOf(number: number): string {
  return `case-${number}`;
}

/** Starts the peer. */
export function fuzzServer(): FuzzServer {
  const cases = new Map<number, FuzzCase>();
  const requests = new Map<number, number>();
  const server = Bun.serve<{ number: number }>({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request, self) {
      const number = Number(/\/namespaces\/case-(\d+)\//.exec(request.url)?.[1]);
      requests.set(number, (requests.get(number) ?? 0) + 1);
      const headers = { "Sec-WebSocket-Protocol": "v5.channel.k8s.io" };
      const { frames, answer } = cases.get(number) ?? {};
      if (frames && self.upgrade(request, { data: { number }, headers })) return undefined;
      const said = answer?.(await asked(request));
      if (!said) return Response.json(FORBIDDEN, { status: 403 });
      return new Response(Uint8Array.from(said.body), {
        status: said.code,
        headers: { "Content-Type": "application/json" },
      });
    },
    websocket: {
      open(socket) {
        const { number } = socket.data;
        for (const frame of cases.get(number)?.frames ?? []) socket.send(frame);
        if (number % 3 === 0) socket.terminate();
        else socket.close(number % 3 === 1 ? 1000 : 1011);
      },
      message: () => undefined,
    },
  });
  const port = server.port ?? 0;
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(fuzzKubeconfig(port)));
  return {
    port,
    kubeconfig,
    folder,
    requestsOf: (number) => requests.get(number) ?? 0,
    set: (number, what) => void cases.set(number, what),
    close() {
      void server.stop(true);
      rmSync(folder, { recursive: true });
    },
  };
}

async function asked(request: Request): Promise<Asked> {
  const { pathname, searchParams } = new URL(request.url);
  const body = await request.text();
  if (searchParams.has("watch")) return { what: "watch", body };
  if (pathname.endsWith("/pods")) return { what: request.method === "POST" ? "post" : "list", body };
  const isPod = /\/pods\/[^/]+$/.test(pathname);
  const what = request.method === "DELETE" ? "delete" : request.method === "GET" ? "get" : "other";
  return { what: isPod ? what : "other", body };
}

/** A kubeconfig that leads to the peer. */
export function fuzzKubeconfig(port: number): Record<string, unknown> {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "here",
    preferences: {},
    clusters: [{ name: "here", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "me", user: { token: "not-secret" } }],
    contexts: [{ name: "here", context: { cluster: "here", user: "me", namespace: "other" } }],
  };
}
