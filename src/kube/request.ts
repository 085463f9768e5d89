import type { Connection, Credentials } from "./connection.ts";
import { ApiError, type Status, TransportError } from "./errors.ts";
import { isRetryableAnswer, isRetryableFailure, type RetryWindow, retryWindow } from "./retry.ts";

/** One request to the API server. */
export interface RequestOptions {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Absolute path below the server's base URL, already escaped. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  /** Content type of `body`; `application/json` unless a PATCH needs another. */
  contentType?: string;
  accept?: string;
  /** Repeating the request has the effect of sending it once. GET is; a DELETE that carries a UID is. */
  idempotent?: boolean;
  /** The caller repeats what failed by itself; only refused credentials are renewed here. */
  once?: boolean;
  /** How the request is named in errors, such as `GET pod "x"`. */
  what: string;
  signal: AbortSignal;
}

/** Counts of what one process sent, for the operation log. */
export interface RequestCounts {
  requests: number;
  retries: number;
}

/** Longest wait for the first byte of one answer; a silent peer is given up after it. */
const ANSWER_TIMEOUT_MS = 8_000;

/** Kubernetes API over HTTPS: the one place that sends requests, retries them and reads error answers. */
export class KubeClient {
  readonly counts: RequestCounts = { requests: 0, retries: 0 };
  /** The server's clock at its latest answer, milliseconds since the epoch; ages are told by it, never by ours. */
  serverNowMs = 0;

  constructor(readonly connection: Connection) {}

  /** Resolves with the parsed JSON answer; throws `ApiError`, `TransportError` or the signal's reason. */
  async json<T>(options: RequestOptions): Promise<T> {
    return this.#attempt(options, async (response) => {
      const text = await response.text();
      try {
        return JSON.parse(text) as T;
      } catch (cause) {
        throw new TransportError(options.what, "the answer is not JSON", false, { cause });
      }
    });
  }

  /** Resolves with the answer's text. */
  async text(options: RequestOptions): Promise<string> {
    return this.#attempt(options, (response) => response.text());
  }

  /** Resolves with a successful answer whose body is still to be read; the caller repeats what failed. */
  async open(options: RequestOptions): Promise<Response> {
    return this.#attempt({ ...options, once: true }, async (response) => response);
  }

  /** Headers and client certificate for one request, taken anew when `refresh` says that they were refused. */
  credentials(refresh: boolean, signal: AbortSignal): Promise<Credentials> {
    return this.connection.credentials({ refresh, signal });
  }

  async #attempt<T>(options: RequestOptions, read: (response: Response) => Promise<T>): Promise<T> {
    const window = retryWindow(options.signal);
    let refresh = false;
    for (;;) {
      try {
        const response = await this.#send(options, refresh);
        return await read(response).catch((cause) => {
          throw asTransportError(cause, options);
        });
      } catch (error) {
        if (error instanceof ApiError && error.code === 401 && !refresh) refresh = true;
        else await this.#waitToRepeat(error, options, window);
        this.counts.retries++;
      }
    }
  }

  async #waitToRepeat(error: unknown, options: RequestOptions, window: RetryWindow): Promise<void> {
    if (options.once) throw error;
    const idempotent = options.idempotent ?? (options.method ?? "GET") === "GET";
    if (error instanceof ApiError && isRetryableAnswer(error, idempotent)) return window.pause(error);
    if (error instanceof TransportError && isRetryableFailure(error, idempotent)) return window.pause(error);
    throw error;
  }

  async #send(options: RequestOptions, refresh: boolean): Promise<Response> {
    options.signal.throwIfAborted();
    this.counts.requests++;
    const { connection } = this;
    const credentials = await this.credentials(refresh, options.signal);
    const headers: Record<string, string> = { Accept: options.accept ?? "application/json", ...credentials.headers };
    if (options.body !== undefined) headers["Content-Type"] = options.contentType ?? "application/json";
    // The body may flow for long (a watch); only the wait for the answer's head is bounded here.
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), ANSWER_TIMEOUT_MS);
    let response: Response;
    try {
      response = await fetch(connection.server + options.path + queryString(options.query), {
        method: options.method ?? "GET",
        headers,
        tls: { ...connection.tls, ...(credentials.cert && { cert: credentials.cert, key: credentials.key }) },
        signal: AbortSignal.any([options.signal, silence.signal]),
        redirect: "error",
        ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
        ...(connection.proxy && { proxy: connection.proxy }),
      } as BunFetchRequestInit);
    } catch (cause) {
      if (silence.signal.aborted && !options.signal.aborted)
        throw new TransportError(
          options.what,
          `no answer from ${connection.server} in ${ANSWER_TIMEOUT_MS / 1000} s`,
          false,
        );
      throw (await certificateError(cause, options, connection)) ?? asTransportError(cause, options, connection.server);
    } finally {
      clearTimeout(timer);
    }
    this.serverNowMs = Date.parse(response.headers.get("date") ?? "") || this.serverNowMs;
    if (response.ok) return response;
    throw await apiError(response, options);
  }
}

/** Bun reports certificates that it cannot use as a host that it cannot reach; waiting does not mend them. */
async function certificateError(
  cause: unknown,
  options: Pick<RequestOptions, "what">,
  { tls }: Connection,
): Promise<TransportError | undefined> {
  const { code } = (cause ?? {}) as { code?: unknown };
  if (code !== "FailedToOpenSocket" && !/CERT|VERIFY/.test(String(code))) return undefined;
  const { tlsProblem } = await import("./tls-problem.ts");
  const problem = tlsProblem(tls);
  return problem
    ? new TransportError(options.what, `the kubeconfig has a ${problem}`, false, { cause: { code: "CERT" } })
    : undefined;
}

/** Turns an error answer into an `ApiError`, also when its body is no `Status` (a proxy's page). */
export async function apiError(
  response: Response,
  options: Pick<RequestOptions, "what" | "signal">,
): Promise<ApiError> {
  const text = await response.text().catch((cause) => {
    throw asTransportError(cause, options);
  });
  return new ApiError(
    options.what,
    parseStatus(text, response.status),
    retryAfterMs(response.headers.get("retry-after")),
  );
}

function parseStatus(text: string, code: number): Status {
  try {
    const body: unknown = JSON.parse(text);
    if (body && typeof body === "object" && "kind" in body && body.kind === "Status") return { ...body, code };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { code, message: text.trim().slice(0, 200) || "empty answer" };
}

/** Retry-After is a number of seconds in every answer that Kubernetes makes. */
function retryAfterMs(header: string | null): number | undefined {
  const seconds = Number(header);
  return header && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function queryString(query: RequestOptions["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text ? `?${text}` : "";
}

/** Wraps what `fetch` or a body threw; an abort by the caller stays the caller's own reason. */
export function asTransportError(
  cause: unknown,
  options: Pick<RequestOptions, "what" | "signal">,
  server?: string,
): unknown {
  if (options.signal.aborted) return options.signal.reason;
  if (cause instanceof TransportError || cause instanceof ApiError) return cause;
  const { code, message } = cause as { code?: unknown; message?: unknown };
  const detail = typeof code === "string" ? (REASONS[code] ?? code) : String(message ?? cause);
  return new TransportError(options.what, server ? `${detail} (${server})` : detail, UNSENT.has(String(code)), {
    cause,
  });
}

/** Failures that come before any byte of the request is sent. */
const UNSENT = new Set([
  "ECONNREFUSED",
  "ConnectionRefused",
  "ENOTFOUND",
  "EAI_AGAIN",
  "DNSException",
  "FailedToOpenSocket",
]);

const REASONS: Record<string, string> = {
  ECONNREFUSED: "the API server refuses connections",
  ConnectionRefused: "the API server refuses connections",
  ECONNRESET: "the connection broke before the answer was complete",
  ConnectionClosed: "the connection broke before the answer was complete",
  ENOTFOUND: "the API server's host name does not resolve",
  FailedToOpenSocket: "the API server's host cannot be reached",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is not signed by the kubeconfig's certificate-authority",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is signed by an authority that the kubeconfig does not name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed and the kubeconfig does not name it",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name (tls-server-name can set it)",
};
