import type { ServerWebSocket } from "bun";
import { type ExecOptions, type ExecStream, openExec } from "../exec.ts";
import { EXEC_PROTOCOL } from "../exec-frames.ts";
import type { KubeClient } from "../request.ts";
import { clientOf } from "./fake-api.ts";

/** The server's end of one exec. */
export type ExecSocket = ServerWebSocket<{ url: URL; protocol: string | null }>;

/** What a fake does with an exec. */
export interface ExecBehaviour {
  open?: (socket: ExecSocket) => void | Promise<void>;
  message?: (socket: ExecSocket, data: Uint8Array) => void;
}

/** Runs `use` against a server that takes every exec and behaves as told. */
export async function withExecServer(
  behaviour: ExecBehaviour,
  use: (client: KubeClient) => Promise<void>,
): Promise<void> {
  const server = Bun.serve<{ url: URL; protocol: string | null }>({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, self) {
      const data = { url: new URL(request.url), protocol: request.headers.get("sec-websocket-protocol") };
      const headers = { "Sec-WebSocket-Protocol": EXEC_PROTOCOL };
      return self.upgrade(request, { data, headers }) ? undefined : new Response("no upgrade", { status: 500 });
    },
    websocket: {
      maxPayloadLength: 64 * 1024 * 1024,
      open: (socket) => behaviour.open?.(socket),
      message(socket, data) {
        behaviour.message?.(socket, typeof data === "string" ? Buffer.from(data) : data);
      },
    },
  });
  try {
    await use(clientOf(`http://127.0.0.1:${server.port}`));
  } finally {
    await server.stop(true);
  }
}

/** A message of one channel. */
export function message(channel: number, text: string | Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([Uint8Array.of(channel), Buffer.from(text)]));
}

/** The frame that proves success. */
export const SUCCESS = message(3, '{"metadata":{},"status":"Success"}');

/** The frame that proves the exit code. */
export function exitStatus(code: number | string): Uint8Array {
  const causes = [{ reason: "ExitCode", message: String(code) }];
  const text = `command terminated with exit code ${code}`;
  return message(
    3,
    JSON.stringify({ status: "Failure", message: text, reason: "NonZeroExitCode", details: { causes } }),
  );
}

/** What one exec brought. */
export interface Collected {
  stream: ExecStream;
  stdout: () => string;
  stderr: () => string;
}

/** Opens an exec that gathers its output. */
export async function exec(client: KubeClient, options: Partial<ExecOptions> = {}): Promise<Collected> {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const stream = await openExec(client, {
    namespace: "ns",
    pod: "pod",
    container: "agent",
    command: ["true"],
    onStdout: (data) => void stdout.push(Uint8Array.from(data)),
    onStderr: (data) => void stderr.push(Uint8Array.from(data)),
    signal: AbortSignal.timeout(10_000),
    ...options,
  });
  return { stream, stdout: () => Buffer.concat(stdout).toString(), stderr: () => Buffer.concat(stderr).toString() };
}

/** Answers a WebSocket upgrade by hand (RFC 6455), after which the peer may stay as silent as it likes. */
export function acceptWebSocket(socket: { write(data: string): unknown }, request: string): void {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1] ?? "";
  const accept = new Bun.CryptoHasher("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Protocol: ${EXEC_PROTOCOL}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}
