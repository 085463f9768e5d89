import { KubeconfigError } from "./kubeconfig-error.ts";

/** Where the API server is, from a cluster's `server` field. */
export interface ServerUrl {
  /** Base URL without user information, query and trailing slash. */
  readonly base: string;
  /** `user:password` when the URL has user information, which takes the place of every other credential. */
  readonly userInfo: string | undefined;
}

/**
 * Reads a `server` field as kubectl does: without a scheme it is plain HTTP, a path is a prefix, query and fragment
 * do not count. Throws KubeconfigError with `where` in it.
 */
export function parseServerUrl(server: string, where: string): ServerUrl {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(server);
  const text = hasScheme ? server : `http://${server}`;
  if (!URL.canParse(text)) throw new KubeconfigError(`${where}: server is not a URL`);
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new KubeconfigError(
      `${where}: server has the scheme "${url.protocol.slice(0, -1)}", which is not https or http`,
    );
  }
  if (!hasScheme && url.pathname !== "/") {
    throw new KubeconfigError(`${where}: server has a path but no scheme: put https:// before it`);
  }
  const path = url.pathname.replace(/\/+/g, "/").replace(/\/$/, "");
  return { base: `${url.protocol}//${url.host}${path}`, userInfo: readUserInfo(url, where) };
}

function readUserInfo({ username, password }: URL, where: string): string | undefined {
  if (!username && !password) return undefined;
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new KubeconfigError(`${where}: the user information in server is not percent-encoded`);
  }
}
