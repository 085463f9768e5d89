import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A request on its way to the API server. */
export interface Passing {
  method: string;
  url: URL;
  /** How many requests have come before this one. */
  number: number;
  body: string | undefined;
  /** Asks the API server and resolves with its answer. */
  forward(): Promise<Response>;
}

/** Stands between an executable and the API server: the one place where a peer has to misbehave on the wire. */
export interface ApiProxy {
  /** Environment that leads the executable here. */
  env: { KUBECONFIG: string };
  requests: Passing[];
  close(): void;
}

interface Access {
  clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
  users: { user: { "client-certificate-data"?: string; "client-key-data"?: string; token?: string } }[];
}

/** Makes a proxy that answers each request as `answer` says. */
export function apiProxy(kubeconfig: string, answer: (passing: Passing) => Promise<Response>): ApiProxy {
  const access = Bun.YAML.parse(readFileSync(kubeconfig, "utf8")) as Access;
  const cluster = access.clusters[0]?.cluster;
  const user = access.users[0]?.user;
  if (!cluster || !user) throw new Error(`Cannot stand before the cluster of "${kubeconfig}": it names none`);
  const tls = {
    ca: atob(cluster["certificate-authority-data"]),
    // A service account has a token instead.
    ...(!user.token && {
      cert: atob(user["client-certificate-data"] ?? ""),
      key: atob(user["client-key-data"] ?? ""),
    }),
  };
  const bearer = user.token ? { Authorization: `Bearer ${user.token}` } : {};
  const requests: Passing[] = [];
  const listener = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const url = new URL(request.url);
      const body = request.method === "GET" ? undefined : await request.text();
      const headers = { Accept: request.headers.get("accept") ?? "", "Content-Type": "application/json", ...bearer };
      const forward = async () => {
        const init = { method: request.method, headers, tls, signal: request.signal, ...(body && { body }) };
        const response = await fetch(cluster.server + url.pathname + url.search, init as BunFetchRequestInit);
        const kept = new Headers(response.headers);
        kept.delete("content-encoding");
        kept.delete("content-length");
        return new Response(relayed(response.body, request.signal), { status: response.status, headers: kept });
      };
      const passing = { method: request.method, url, number: requests.length, body, forward };
      requests.push(passing);
      try {
        return await answer(passing);
      } catch (error) {
        if (!request.signal.aborted) throw error;
        return new Response();
      }
    },
  });
  const scratch = mkdtempSync(join(tmpdir(), "api-proxy-"));
  const path = join(scratch, "kubeconfig");
  const place = { clusters: [{ name: "p", cluster: { server: `http://127.0.0.1:${listener.port}` } }] };
  const contexts = [{ name: "p", context: { cluster: "p", user: "p" } }];
  writeFileSync(path, JSON.stringify({ ...place, contexts, "current-context": "p", users: [{ name: "p", user: {} }] }));
  return {
    env: { KUBECONFIG: path },
    requests,
    close() {
      void listener.stop(true);
      rmSync(scratch, { recursive: true });
    },
  };
}

/** The same body; when the executable has gone away it just ends. */
function relayed(body: ReadableStream<Uint8Array> | null, gone: AbortSignal): ReadableStream<Uint8Array> | null {
  const reader = body?.getReader();
  if (!reader) return null;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (!gone.aborted) throw error;
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** A `Status` as the API server words its failures. */
export function failure(code: number, reason: string): Response {
  return Response.json(
    { kind: "Status", status: "Failure", code, reason, message: `made by the test: ${reason}` },
    { status: code },
  );
}

/** True for a watch, false for any other request. */
export function isWatch({ url }: Passing): boolean {
  return url.searchParams.has("watch");
}
