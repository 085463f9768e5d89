import { connect, createServer, type Server, type Socket } from "node:net";

/** What goes wrong with connections on their way to the API server; bytes pass as they are, TLS included. */
export interface TcpFault {
  kind: "refuse" | "reset" | "close" | "silence" | "delay" | "slice";
  /** Which way the bytes go that are counted. */
  direction: "request" | "answer";
  /** So many bytes pass before it happens. */
  atByte: number;
  /** Happens to the first connection only, or to each. */
  connections: "first" | "all";
  /** Length of a delay, or time after which connections are no longer refused; 0 = always. */
  ms: number;
}

/** A port of this machine that leads to the API server. */
export interface FaultyPort {
  port: number;
  /** Bytes of answers that have come from the API server. */
  answerBytes(): number;
  /** Resolves when an answer is being withheld (`hold`); never for any other fault. */
  held: Promise<void>;
  /** Lets what was withheld go on. */
  release(): void;
  close(): void;
}

/** Stands before the API server and does to connections what the fault says. */
export async function tcpProxy(target: { host: string; port: number }, fault: TcpFault): Promise<FaultyPort> {
  const sockets = new Set<Socket>();
  let count = 0;
  let answerBytes = 0;
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const isHit = fault.connections === "all" || count === 0;
    count++;
    const server = connect({ ...target, allowHalfOpen: true });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // Either side may go away at any time: that is what this is for.
      socket.on("error", () => socket.destroy());
    }
    client.on("close", () => server.destroy());
    server.on("data", (data) => {
      answerBytes += data.length;
    });
    pass(client, server, isHit && fault.direction === "request" ? fault : undefined, { client, server });
    pass(server, client, isHit && fault.direction === "answer" ? fault : undefined, { client, server });
  });
  const port = await listen(listener, 0);
  let reopening: ReturnType<typeof setTimeout> | undefined;
  if (fault.kind === "refuse") {
    await new Promise((resolve) => listener.close(resolve));
    if (fault.ms > 0) reopening = setTimeout(() => void listen(listener, port), fault.ms);
  }
  return {
    port,
    answerBytes: () => answerBytes,
    held: new Promise(() => undefined),
    release: () => undefined,
    close() {
      clearTimeout(reopening);
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Listens on loopback; resolves with the port. */
export async function listen(listener: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(port, "127.0.0.1", resolve));
  const address = listener.address();
  if (!address || typeof address === "string") throw new Error("the proxy has no port");
  return address.port;
}

/** Hands bytes on, and lets the fault happen once enough of them have passed. */
function pass(from: Socket, to: Socket, fault: TcpFault | undefined, ends: { client: Socket; server: Socket }): void {
  let passed = 0;
  let hasHappened = false;
  let last = Promise.resolve();
  from.on("end", () => void last.then(() => hasHappened || to.end()));
  from.on("close", () => void last.then(() => hasHappened || to.end()));
  from.on("data", (data: Buffer) => {
    if (hasHappened) return;
    if (!fault) return void to.write(data);
    if (fault.kind === "delay" || fault.kind === "slice") {
      last = last.then(() => (fault.kind === "delay" ? later(to, data, fault.ms) : inSlices(to, data, fault)));
      return;
    }
    const left = fault.atByte - passed;
    passed += data.length;
    if (data.length <= left) return void to.write(data);
    hasHappened = true;
    to.write(data.subarray(0, left), () => happen(fault.kind, ends));
  });
}

function happen(kind: TcpFault["kind"], { client, server }: { client: Socket; server: Socket }): void {
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
