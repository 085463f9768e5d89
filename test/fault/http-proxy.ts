import type { Socket } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import type { ClusterAccess } from "./cluster-access.ts";
import { RequestReader } from "./request-reader.ts";
import { type FaultyPort, listen, type Passed } from "./tcp-proxy.ts";
import { type Hits, isHit } from "./wire-hits.ts";

/** What happens to requests on their way to the API server. */
export interface HttpFault {
  /** `answer`: this proxy answers. `after`: the API server does the work, and this proxy answers. `drop`: it does the
   * work, and the connection breaks before the answer. `hold`: it does the work, and its answer is withheld. */
  kind: "answer" | "after" | "drop" | "hold";
  code: number;
  reason: string;
  /** A `Status` as the API server makes it, or a page as something before it does. */
  body: "status" | "page";
  retryAfterSeconds?: number;
  /** Kind of the object that a `Status` names. */
  ofKind?: string;
  requests: Hits;
}

/** Stands before the API server as an HTTPS server of its own, which `certificate` is for. */
export async function httpProxy(
  access: ClusterAccess,
  certificate: { key: string; cert: string },
  fault: HttpFault,
): Promise<FaultyPort> {
  const sockets = new Set<{ destroy(): unknown }>();
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const passed: Passed = { connections: [], requests: 0 };
  let hasStruck = false;
  const listener = createServer(certificate, (client) => {
    sockets.add(client);
    client.on("error", () => client.destroy());
    let server: TLSSocket | undefined;
    client.on("close", () => server?.destroy());
    const toServer = (): TLSSocket => {
      if (server && !server.destroyed) return server;
      const fresh = connect({
        host: access.host,
        port: access.port,
        ca: access.ca,
        cert: access.cert,
        key: access.key,
      });
      sockets.add(fresh);
      fresh.on("error", () => fresh.destroy());
      fresh.on("data", (data) => client.write(data));
      fresh.on("close", () => server === fresh && client.end());
      server = fresh;
      return fresh;
    };
    const reader = new RequestReader({
      isHit() {
        const isFaulty = isHit(fault.requests, passed.requests++);
        hasStruck ||= isFaulty;
        return isFaulty;
      },
      bytes: (data, isHit) => void ((!isHit || fault.kind !== "answer") && toServer().write(data)),
      end(isHit) {
        if (!isHit) return;
        if (fault.kind === "answer") return void client.write(answer(fault));
        const working = toServer();
        working.removeAllListeners("data");
        if (fault.kind === "hold") {
          working.on("data", (data) => {
            held.resolve();
            void released.promise.then(() => client.write(data));
          });
          return;
        }
        working.once("data", () => {
          server = undefined;
          working.destroy();
          if (fault.kind === "drop") return void client.destroy();
          client.write(answer(fault));
        });
      },
    });
    client.on("data", (data: Buffer) => reader.push(data));
  });
  listener.on("tlsClientError", (_: Error, socket: Socket) => socket.destroy());
  const port = await listen(listener, 0);
  return {
    port,
    struck: () => hasStruck,
    passed,
    held: held.promise,
    release: released.resolve,
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function answer({ code, reason, body, retryAfterSeconds, ofKind }: HttpFault): string {
  const details = ofKind ? { details: { kind: ofKind, name: "made-by-the-test" } } : {};
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason, code, ...details };
  const [type, text] =
    body === "page"
      ? ["text/html", `<html>\n<h1>${code} ${reason}</h1>\n</html>\n`]
      : ["application/json", JSON.stringify({ ...status, message: `made by the test: ${reason}\n  at line two` })];
  const headers = [`HTTP/1.1 ${code} ${reason}`, `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(text)}`];
  if (retryAfterSeconds !== undefined) headers.push(`Retry-After: ${retryAfterSeconds}`);
  return `${headers.join("\r\n")}\r\n\r\n${text}`;
}
