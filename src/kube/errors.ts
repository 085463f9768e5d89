/** Body of every Kubernetes error answer (`kind: Status`), the parts that decisions read. */
export interface Status {
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: {
    name?: string;
    kind?: string;
    uid?: string;
    retryAfterSeconds?: number;
    causes?: { reason?: string; message?: string; field?: string }[];
  };
}

/** The API server answered, and the answer is an error. */
export class ApiError extends Error {
  /** HTTP status code. */
  readonly code: number;
  /** Machine-readable reason, such as `NotFound` or `Conflict`; empty when the answer had none. */
  readonly reason: string;

  constructor(
    /** What was asked, such as `GET pods "x"`. */
    readonly request: string,
    readonly status: Status,
    readonly retryAfterMs: number | undefined = undefined,
  ) {
    const code = status.code ?? 0;
    super(`${request}: ${status.message || status.reason || "no reason given"} (HTTP ${code})`);
    this.name = "ApiError";
    this.code = code;
    this.reason = status.reason ?? "";
  }
}

/** The API server gave no complete answer: what was asked may or may not have happened. */
export class TransportError extends Error {
  constructor(
    readonly request: string,
    detail: string,
    /** True when the request certainly never reached the server, so that repeating it is harmless. */
    readonly unsent: boolean,
    options?: ErrorOptions,
  ) {
    super(`${request}: ${detail}`, options);
    this.name = "TransportError";
  }
}

/** A command began in a container and its end is not known, or the runtime could not run it. */
export class ExecError extends Error {
  constructor(
    readonly command: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`${command}: ${detail}`, options);
    this.name = "ExecError";
  }
}

/** Tells whether `error` says that the named object is absent; a missing API path, or a page, is not meant. The object
 * is of `kind` (such as `pods`) where that is given: the namespace's or the node's absence says nothing of it, and for
 * what is in a namespace that does not exist the API server names the object itself. */
export function isNotFound(error: unknown, kind?: string): error is ApiError {
  if (!(error instanceof ApiError) || error.code !== 404 || error.reason !== "NotFound") return false;
  return kind === undefined || error.status.details?.kind === kind;
}

/** Tells whether `error` says that an object of the name exists already. */
export function isAlreadyExists(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 409 && error.reason === "AlreadyExists";
}

/** Tells whether `error` says that a precondition (UID or resourceVersion) did not hold. */
export function isConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 409 && error.reason === "Conflict";
}

/** Tells whether the server has refused the request itself: it had no effect, and waiting mends nothing. */
export function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code >= 400 && error.code < 500 && ![408, 409, 429].includes(error.code);
}

/** Tells whether `error` says that a resourceVersion or a page of a list is too old (410). */
export function isGone(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 410;
}
