import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Hits, isHit } from "./wire-hits.ts";

/** What goes wrong with connections on their way to the API server; bytes pass as they are, TLS included. */
export interface TcpFault {
  kind: "refuse" | "reset" | "close" | "silence" | "delay" | "slice";
  /** Which way the bytes go that are counted. */
  direction: "request" | "answer";
  /** So many bytes pass before it happens. */
  atByte: number;
  connections: Hits;
  /** Length of a delay, or time after which connections are no longer refused; 0 = always. */
  ms: number;
}

/** A port of this machine that leads to the API server. */
export interface FaultyPort {
  port: number;
  /** The fault has happened. A connection that is refused is not seen: one refused for ever counts as met, one
   * refused for a while has been met by who comes again. */
  struck(): boolean;
  /** Bytes that have passed each way, connection by connection, and requests that have come. */
  passed: Passed;
  /** Resolves when an answer is being withheld (`hold`); never for any other fault. */
  held: Promise<void>;
  /** Lets what was withheld go on. */
  release(): void;
  close(): void;
}

/** What has come through a port; only a proxy that ends TLS knows requests, only another one bytes. */
export interface Passed {
  connections: Record<TcpFault["direction"], number>[];
  requests: number;
}

/** Stands before the API server and does to connections what the fault says. */
export async function tcpProxy(target: { host: string; port: number }, fault: TcpFault): Promise<FaultyPort> {
  const sockets = new Set<Socket>();
  const passed: Passed = { connections: [], requests: 0 };
  let hasStruck = fault.kind === "refuse" && fault.ms === 0;
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const isFaulty = isHit(fault.connections, passed.connections.length);
    const bytes = { request: 0, answer: 0 };
    passed.connections.push(bytes);
    hasStruck ||= fault.kind === "refuse";
    const server = connect({ ...target, allowHalfOpen: true });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // Either side may go away at any time: that is what this is for.
      socket.on("error", () => socket.destroy());
    }
    client.on("close", () => server.destroy());
    const strike = () => {
      hasStruck = true;
    };
    const ends = { client, server, strike };
    // A port that is open again after a while lets everything pass.
    const faultOf = (direction: TcpFault["direction"]) =>
      isFaulty && fault.kind !== "refuse" && fault.direction === direction ? fault : undefined;
    client.on("data", ({ length }) => {
      bytes.request += length;
    });
    server.on("data", ({ length }) => {
      bytes.answer += length;
    });
    pass(client, server, faultOf("request"), ends);
    pass(server, client, faultOf("answer"), ends);
  });
  const port = fault.kind === "refuse" ? await listenAside(listener) : await listen(listener, 0);
  let reopening: ReturnType<typeof setTimeout> | undefined;
  if (fault.kind === "refuse") {
    await new Promise((resolve) => listener.close(resolve));
    if (fault.ms > 0) reopening = setTimeout(() => void listen(listener, port), fault.ms);
  }
  return {
    port,
    struck: () => hasStruck,
    passed,
    held: new Promise(() => undefined),
    release: () => undefined,
    close() {
      clearTimeout(reopening);
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Linux gives nobody who asks for any port one of these (`ip_local_port_range` begins at 32768), nor does Kubernetes a
 * NodePort: while connections to it are refused nobody else gets it. */
const ASIDE = { from: 20_000, count: 10_000 };
let nextAside = process.pid;

async function listenAside(listener: Server): Promise<number> {
  for (let tries = 0; ; tries++) {
    try {
      return await listen(listener, ASIDE.from + (nextAside++ % ASIDE.count));
    } catch (error) {
      if (tries === 100) throw error;
    }
  }
}

/** Listens on loopback; resolves with the port; 0 = any that is free. Rejects with EADDRINUSE. */
export async function listen(listener: Server, port: number): Promise<number> {
  listener.listen(port, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (!address || typeof address === "string") throw new Error("the proxy has no port");
  return address.port;
}

interface Ends {
  client: Socket;
  server: Socket;
  strike(): void;
}

/** Hands bytes on, and lets the fault happen once enough of them have passed. */
function pass(from: Socket, to: Socket, fault: TcpFault | undefined, ends: Ends): void {
  let passed = 0;
  let hasHappened = false;
  let last = Promise.resolve();
  from.on("end", () => void last.then(() => hasHappened || to.end()));
  from.on("close", () => void last.then(() => hasHappened || to.end()));
  from.on("data", (data: Buffer) => {
    if (hasHappened) return;
    if (!fault) return void to.write(data);
    if (fault.kind === "delay" || fault.kind === "slice") {
      ends.strike();
      last = last.then(() => (fault.kind === "delay" ? later(to, data, fault.ms) : inSlices(to, data, fault)));
      return;
    }
    const left = fault.atByte - passed;
    passed += data.length;
    if (data.length <= left) return void to.write(data);
    hasHappened = true;
    ends.strike();
    to.write(data.subarray(0, left), () => happen(fault.kind, ends));
  });
}

function happen(kind: TcpFault["kind"], { client, server }: Ends): void {
  if (kind === "reset") client.resetAndDestroy();
  if (kind === "close") client.end();
  if (kind === "silence") {
    for (const socket of [client, server])
      for (const event of ["data", "end", "close"]) socket.removeAllListeners(event);
    // What comes is taken and lost, as behind a broken link.
    server.resume();
    client.resume();
  } else server.destroy();
}

async function later(to: Socket, data: Buffer, ms: number): Promise<void> {
  await Bun.sleep(ms);
  to.write(data);
}

/** Small pieces, each a packet of its own, until `atByte` bytes of this chunk have gone; the rest at once. */
async function inSlices(to: Socket, data: Buffer, { atByte }: TcpFault): Promise<void> {
  const size = Math.max(1, Math.floor(atByte / 50));
  let at = 0;
  for (; at < Math.min(data.length, atByte); at += size) {
    to.write(data.subarray(at, at + size));
    await Bun.sleep(1);
  }
  if (at < data.length) to.write(data.subarray(at));
}
