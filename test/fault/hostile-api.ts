import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket } from "bun";

/** How a peer misuses the exec that it has taken. */
export type Misuse = (exec: TakenExec) => void;

/** An exec that the peer has taken; bytes are those of the WebSocket protocol. */
export interface TakenExec {
  socket: Pick<Socket, "write" | "end">;
  /** Calls again and again while the client takes what is sent, at most `limitBytes` in all. */
  pour(chunk: Uint8Array, limitBytes: number): void;
}

/** An API server on this machine that has one session, live and well, and misuses every exec in it. */
export interface HostileApi {
  env: Record<string, string>;
  /** Deletions that were asked for. */
  deletions(): number;
  close(): void;
}

/** Session that the peer knows; its pod is called as the executable asks. */
export const SESSION = "hostile";

/** Makes the peer. */
export function hostileApi(misuse: Misuse): HostileApi {
  const scratch = mkdtempSync(join(tmpdir(), "hostile-"));
  let deletions = 0;
  const listener = Bun.listen<{ head: string; left: number; chunk: Uint8Array | undefined }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { head: "", left: 0, chunk: undefined };
      },
      data(socket, data) {
        if (socket.data.head === "upgraded") return;
        socket.data.head += data.toString("latin1");
        const request = takeRequest(socket);
        if (!request) return;
        if (request.startsWith("DELETE ")) deletions++;
        if (!/^upgrade: *websocket/im.test(request)) {
          socket.write(answer(request));
          return;
        }
        socket.data.head = "upgraded";
        socket.write(accept(request));
        misuse({ socket, pour: (chunk, limitBytes) => pour(socket, chunk, limitBytes) });
      },
      drain(socket) {
        const { chunk, left } = socket.data;
        if (chunk) pour(socket, chunk, left);
      },
    },
  });
  const kubeconfig = join(scratch, "kubeconfig");
  const named = (name: string, value: object) => [{ name, ...value }];
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "x",
    clusters: named("x", { cluster: { server: `http://127.0.0.1:${listener.port}` } }),
    users: named("x", { user: {} }),
    contexts: named("x", { context: { cluster: "x", user: "x" } }),
  };
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  return {
    env: { KUBECONFIG: kubeconfig, GC_K8S_NAMESPACE: "ns", GC_K8S_CITY: "test", GC_K8S_IMAGE: "image" },
    deletions: () => deletions,
    close() {
      listener.stop(true);
      rmSync(scratch, { recursive: true });
    },
  };

  function takeRequest(socket: Socket<{ head: string }>): string | undefined {
    const { head } = socket.data;
    const end = head.indexOf("\r\n\r\n");
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (end < 0 || head.length < end + 4 + length) return undefined;
    socket.data.head = head.slice(end + 4 + length);
    return head.slice(0, end + 4 + length);
  }

  function pour(
    socket: Socket<{ left: number; chunk: Uint8Array | undefined }>,
    chunk: Uint8Array,
    limitBytes: number,
  ): void {
    let left = limitBytes;
    while (left > 0) {
      const sent = socket.write(chunk);
      if (sent < 0) return;
      left -= sent;
      // A chunk holds whole frames only as long as whole chunks are sent: the rest of one goes first.
      if (sent < chunk.length) {
        const rest = chunk.subarray(sent);
        socket.data = { ...socket.data, chunk: Buffer.concat([rest, chunk.subarray(0, sent)]), left };
        return;
      }
    }
    socket.data = { ...socket.data, chunk: undefined, left: 0 };
  }
}

function accept(request: string): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1] ?? "";
  const proof = new Bun.CryptoHasher("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Protocol: v5.channel.k8s.io\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`
  );
}

/** Gives back the pod as it was posted, unless it is the session's, which is there; whatever is deleted is gone. */
function answer(request: string): string {
  const [, method = "", path = ""] = /^(\w+) (\S+)/.exec(request) ?? [];
  const pod =
    decodeURIComponent(path.split("?")[0] ?? "")
      .split("/")
      .at(-1) ?? "";
  if (method === "DELETE") return json({ kind: "Status", status: "Success" });
  if (method === "POST") {
    const posted = JSON.parse(request.slice(request.indexOf("\r\n\r\n") + 4));
    const isThere = posted.metadata.annotations["gc-session-name"] === SESSION;
    return isThere ? json({ kind: "Status", reason: "AlreadyExists", code: 409 }, "409 Conflict") : json(live(posted));
  }
  if (path.includes("watch=")) return json({ type: "DELETED", object: live({ metadata: { name: pod } }) });
  return json(live({ metadata: { name: pod } }));
}

function live(pod: { metadata?: { name?: string; annotations?: object } }): object {
  const annotations = {
    "gc-session-name": SESSION,
    "gc-city-name": "test",
    "gc-launched": "x",
    ...pod.metadata?.annotations,
  };
  const metadata = { uid: "u", resourceVersion: "1", creationTimestamp: new Date().toISOString(), ...pod.metadata };
  const state = { running: { startedAt: new Date().toISOString() } };
  const status = { phase: "Running", containerStatuses: [{ name: "agent", state }], conditions: [] };
  return { apiVersion: "v1", kind: "Pod", ...pod, metadata: { ...metadata, annotations }, spec: {}, status };
}

function json(value: object, status = "200 OK"): string {
  const body = `${JSON.stringify(value)}\n`;
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Head of a binary WebSocket message of so many bytes, as a server sends it. */
export function frameHead(bytes: number): Uint8Array {
  const head = Buffer.alloc(10);
  head.writeUInt8(0x82, 0);
  head.writeUInt8(127, 1);
  head.writeBigUInt64BE(BigInt(bytes), 2);
  return head;
}

/** A whole binary message. */
export function message(data: Uint8Array): Uint8Array {
  return Buffer.concat([frameHead(data.length), data]);
}
