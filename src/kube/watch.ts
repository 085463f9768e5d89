import { ApiError, isGone, type Status, TransportError } from "./errors.ts";
import type { KubeClient } from "./request.ts";
import { asTransportError } from "./request.ts";
import { sleep, withJitter } from "./retry.ts";
import { isUid } from "./uid.ts";

/** The part of any Kubernetes object that lists and watches read. */
export interface KubeObject {
  metadata: { name: string; uid?: string; resourceVersion?: string };
}

/** One change of a watched object. */
export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: T;
}

/** What to list or watch. */
export interface ListOptions {
  path: string;
  what: string;
  labelSelector?: string;
  fieldSelector?: string;
  accept?: string;
  /** Objects in the first answer, for who may need no more; each further one has twice as many, up to 500. */
  firstPage?: number;
  signal: AbortSignal;
}

/** What to watch, and from where. */
export interface WatchOptions extends ListOptions {
  resourceVersion: string;
  /** After so many seconds the server ends one connection and the watch goes on with the next. */
  timeoutSeconds?: number;
}

const WATCH_SECONDS = 60;

interface List<T> {
  metadata: { resourceVersion: string; continue?: string };
  items: T[] | null;
}

/** Objects per page: keeps one answer small without making a city of 500 wait for a second request. */
const PAGE_SIZE = 500;

/** Lists every object page by page; a list whose continuation expired (410) is read again from its start. */
export async function list<T>(
  client: KubeClient,
  options: ListOptions,
): Promise<{ items: T[]; resourceVersion: string }> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await listPages<T>(client, options);
    } catch (error) {
      if (!isGone(error) || attempt >= 3) throw error;
    }
  }
}

async function listPages<T>(
  client: KubeClient,
  options: ListOptions,
): Promise<{ items: T[]; resourceVersion: string }> {
  const items: T[] = [];
  let resourceVersion = "";
  for await (const page of pages<T>(client, options)) {
    items.push(...page.items);
    resourceVersion = page.resourceVersion;
  }
  return { items, resourceVersion };
}

/** Yields the pages of a list in the order of names, for who may stop before the end. All are of one version;
 * throws `ApiError` 410 when that is too old for the next page. */
export async function* pages<T>(
  client: KubeClient,
  options: ListOptions,
): AsyncGenerator<{ items: T[]; resourceVersion: string }> {
  const { path, what, accept, signal, labelSelector, fieldSelector } = options;
  let limit = options.firstPage ?? PAGE_SIZE;
  let next: string | undefined;
  do {
    const page: List<T> = await client.json({
      path,
      what,
      signal,
      query: { labelSelector, fieldSelector, limit, continue: next },
      ...(accept && { accept }),
    });
    if (!isList(page)) throw new TransportError(what, "the answer is no list", false);
    // A list of metadata only says null where it is empty.
    yield { items: page.items ?? [], resourceVersion: page.metadata.resourceVersion };
    next = page.metadata.continue || undefined;
    limit = Math.min(2 * limit, PAGE_SIZE);
  } while (next);
}

/** What is no list, or has none of what every object has, would be taken for an empty one. */
function isList(page: List<unknown> | null): boolean {
  if (!isObject(page) || !isObject(page.metadata)) return false;
  if (!Array.isArray(page.items) && page.items !== null) return false;
  return (page.items ?? []).every((item) => isObject(item) && "metadata" in item && isObject(item.metadata));
}

function isObject<T>(value: T): value is T & object {
  return typeof value === "object" && value !== null;
}

/** Yields the changes after `resourceVersion` without a gap, opening a closed watch again from the last version seen.
 * Throws `ApiError` 410 when that version is gone, so that the caller lists again. */
export async function* watch<T extends KubeObject>(
  client: KubeClient,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  let { resourceVersion } = options;
  for (;;) {
    const opened = performance.now();
    let pauseMs = 100;
    try {
      for await (const event of watchOnce<T>(client, options, resourceVersion)) {
        resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
        if (event.type !== "BOOKMARK") yield event as WatchEvent<T>;
      }
    } catch (error) {
      const transient =
        error instanceof TransportError || (error instanceof ApiError && (error.code === 429 || error.code >= 500));
      if (!transient) throw error;
      if (error instanceof ApiError && error.retryAfterMs) pauseMs = withJitter(error.retryAfterMs);
    }
    // A server that closes every watch at once must not be asked in a tight loop.
    if (performance.now() - opened < 1_000) await sleep(pauseMs, options.signal);
  }
}

async function* watchOnce<T extends KubeObject>(
  client: KubeClient,
  options: WatchOptions,
  resourceVersion: string,
): AsyncGenerator<{ type: string; object: T }> {
  const { path, what, labelSelector, fieldSelector } = options;
  // The server ends the watch itself; one that outlives that is a connection whose peer is gone.
  const timeoutSeconds = options.timeoutSeconds ?? WATCH_SECONDS;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout((timeoutSeconds + 5) * 1000)]);
  const query = { watch: 1, allowWatchBookmarks: true, timeoutSeconds, resourceVersion, labelSelector, fieldSelector };
  const response = await client.open({ path, what, signal, query }).catch((cause) => {
    throw asTransportError(cause, options);
  });
  for await (const line of lines(response, options)) {
    const event = parseEvent<T>(line, what);
    if (event.type === "ERROR") throw new ApiError(what, event.object as unknown as Status);
    yield event;
  }
}

function parseEvent<T extends KubeObject>(line: string, what: string): { type: string; object: T } {
  let event: { type: string; object: T } | null;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new TransportError(what, "the watch sent a line that is not JSON", false, { cause });
  }
  const { metadata } = event?.object ?? {};
  // By its UID an object is told from another of its name; a bookmark is about none.
  if (event && metadata && (event.type === "BOOKMARK" || isUid(metadata.uid))) return event;
  if (event?.object && event.type === "ERROR") return event;
  throw new TransportError(what, "the watch sent a line that is no event", false);
}

/** Yields the complete lines of a body; what follows the last newline when the connection ends is not a line. */
async function* lines(response: Response, options: ListOptions): AsyncGenerator<string> {
  if (!response.body) return;
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      yield* parts.filter((part) => part !== "");
    }
  } catch (cause) {
    throw asTransportError(cause, options);
  }
}
