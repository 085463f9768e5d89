import { ApiError, ExecError, TransportError } from "./errors.ts";
import { Channel, EXEC_PROTOCOL, type ExecEnd, frame, parseExecStatus, parseFrame } from "./exec-frames.ts";
import type { KubeClient } from "./request.ts";

/** A command to run in a container. */
export interface ExecOptions {
  namespace: string;
  pod: string;
  container: string;
  /** Travels in the URL: no secret, at most a few KiB. */
  command: string[];
  /** Opens channel 0; the command's stdin is empty otherwise. */
  stdin?: boolean;
  /** Gives the command a terminal; stderr then arrives as stdout. */
  tty?: boolean;
  onStdout: (data: Uint8Array) => void;
  onStderr: (data: Uint8Array) => void;
  signal: AbortSignal;
}

/** A command that runs in a container. */
export interface ExecStream {
  /** The exit code the status frame proved; rejects with `ExecError` when the connection ends without one. */
  readonly exited: Promise<number>;
  /** Sends data to stdin and resolves when more may follow; false = the command has ended and takes no more. */
  write(data: Uint8Array): Promise<boolean>;
  /** Closes stdin: the command reads end of file. */
  closeStdin(): void;
  /** Tells the terminal's size in characters. */
  resize(columns: number, rows: number): void;
  /** Drops the connection at once. */
  terminate(): void;
}

const PING_EVERY_MS = 2_000;
/** A peer that answers no ping for so long is dead. */
const DEAD_AFTER_MS = 8_000;
/** While stdin waits for a slow reader the server may leave pings unanswered for longer. */
const DEAD_AFTER_BLOCKED_MS = 20_000;
/** Frames of this size stream without holding much in memory. */
const FRAME_BYTES = 32 * 1024;
const MOST_BUFFERED_BYTES = 1024 * 1024;

/** Starts a command. Rejects with `ApiError` when the server refuses: the command has not begun. Rejects with
 * `TransportError` when it does not answer: the command may have begun unless the error says that nothing was sent. */
export async function openExec(client: KubeClient, options: ExecOptions): Promise<ExecStream> {
  client.counts.requests++;
  const { connection } = client;
  const { path, query } = execUrl(options);
  const what = `exec in pod "${options.pod}"`;
  const credentials = await client.credentials(false, options.signal);
  // An abort that came before has no event left to end the socket by.
  options.signal.throwIfAborted();
  const socket = new WebSocket(`${connection.server.replace(/^http/, "ws")}${path}?${query}`, {
    protocols: [EXEC_PROTOCOL],
    headers: credentials.headers,
    tls: { ...connection.tls, ...(credentials.cert && { cert: credentials.cert, key: credentials.key }) },
    ...(connection.proxy && { proxy: connection.proxy }),
  } as unknown as string[]) as BunSocket;
  socket.binaryType = "nodebuffer";
  const stream = new SocketStream(socket, options, what);
  try {
    await stream.opened;
  } catch (error) {
    // Bun tells nothing of the refusal; a plain GET of the same URL gets its reason and starts nothing.
    if (options.signal.aborted) throw options.signal.reason;
    await client
      .json({ path: `${path}?${query}`, what, once: true, signal: options.signal })
      .catch((reason: unknown) => {
        throw isUpgradeRequired(reason) ? error : reason;
      });
    throw error;
  }
  return stream;
}

/** The GET got as far as the exec itself: what refused the upgrade has passed. */
function isUpgradeRequired(error: unknown): boolean {
  return error instanceof ApiError && error.code === 400 && /upgrade/i.test(error.status.message ?? "");
}

function execUrl(options: ExecOptions): { path: string; query: URLSearchParams } {
  const { namespace, pod, container, command, stdin = false, tty = false } = options;
  const query = new URLSearchParams({ container, stdout: "true", stderr: String(!tty) });
  if (stdin) query.set("stdin", "true");
  if (tty) query.set("tty", "true");
  for (const word of command) query.append("command", word);
  return {
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec`,
    query,
  };
}

/** What Bun's WebSocket has beyond the browser's. */
type BunSocket = WebSocket & { ping(): void; terminate(): void };

class SocketStream implements ExecStream {
  readonly opened: Promise<void>;
  readonly exited: Promise<number>;
  #end: ExecEnd | undefined;
  #isOpen = false;
  #lastHeardMs = performance.now();
  #failure: string | undefined;
  readonly #socket: BunSocket;
  readonly #what: string;

  constructor(socket: BunSocket, options: ExecOptions, what: string) {
    this.#socket = socket;
    this.#what = what;
    const opened = Promise.withResolvers<void>();
    const exited = Promise.withResolvers<number>();
    this.opened = opened.promise;
    this.exited = exited.promise;
    // A caller that stops waiting must not turn the other promise into an unhandled rejection.
    opened.promise.catch(ignoreRejection);
    exited.promise.catch(ignoreRejection);
    const heartbeat = setInterval(() => this.#beat(), PING_EVERY_MS);
    const onAbort = () => this.terminate();
    const settle = () => {
      clearInterval(heartbeat);
      options.signal.removeEventListener("abort", onAbort);
      const error = options.signal.aborted ? options.signal.reason : this.#error();
      opened.reject(error);
      if (this.#end && "exitCode" in this.#end) exited.resolve(this.#end.exitCode);
      else exited.reject(error);
    };
    options.signal.addEventListener("abort", onAbort, { once: true });
    socket.onopen = () => {
      this.#isOpen = true;
      this.#lastHeardMs = performance.now();
      opened.resolve();
    };
    socket.onclose = settle;
    socket.onerror = (event) => {
      this.#failure ??= (event as ErrorEvent).message || undefined;
      if (!this.#isOpen) settle();
    };
    socket.addEventListener("pong" as "message", () => this.#hear());
    socket.onmessage = (event) => {
      this.#hear();
      const received = parseFrame(event.data);
      if (received.channel === "invalid") return this.#fail(`the server sent ${received.reason}`);
      if (received.channel === "stdout") return options.onStdout(received.data);
      if (received.channel === "stderr") return options.onStderr(received.data);
      this.#end = parseExecStatus(received.data);
      // The status is the last frame; waiting for the close handshake would only cost time.
      settle();
      socket.close();
    };
  }

  async write(data: Uint8Array): Promise<boolean> {
    for (let at = 0; at < data.length; at += FRAME_BYTES) {
      while (this.#socket.bufferedAmount > MOST_BUFFERED_BYTES && this.#socket.readyState === WebSocket.OPEN)
        await Bun.sleep(1);
      if (this.#socket.readyState !== WebSocket.OPEN) {
        await this.exited;
        return false;
      }
      this.#socket.send(frame(Channel.stdin, data.subarray(at, at + FRAME_BYTES)));
    }
    return true;
  }

  closeStdin(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(new Uint8Array([Channel.close, Channel.stdin]));
  }

  resize(columns: number, rows: number): void {
    const size = new TextEncoder().encode(JSON.stringify({ Width: columns, Height: rows }));
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame(Channel.resize, size));
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #hear(): void {
    this.#lastHeardMs = performance.now();
  }

  #beat(): void {
    const silentMs = performance.now() - this.#lastHeardMs;
    const limitMs = this.#socket.bufferedAmount > 0 ? DEAD_AFTER_BLOCKED_MS : DEAD_AFTER_MS;
    if (silentMs > limitMs) this.#fail(`the peer was silent for ${Math.round(silentMs / 1000)} s`);
    else if (this.#isOpen) this.#socket.ping();
  }

  #fail(reason: string): void {
    this.#failure = reason;
    this.terminate();
  }

  #error(): Error {
    if (this.#end && "failure" in this.#end) return new ExecError(this.#what, this.#end.failure);
    const detail = this.#failure ?? "the connection ended before the command's status arrived";
    return this.#isOpen ? new ExecError(this.#what, detail) : new TransportError(this.#what, detail, false);
  }
}

function ignoreRejection(): void {
  // Whoever awaits the promise gets the rejection; this only marks it as handled.
}
