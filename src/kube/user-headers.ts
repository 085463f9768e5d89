import { type Entry, readNamedFile, resolvePath, type User } from "./kubeconfig.ts";
import { KubeconfigError, systemErrorCode } from "./kubeconfig-error.ts";

/** The Authorization header of one request, or undefined for none. Reads a token file each time it is called. */
export type Authorization = () => string | undefined;

/** Impersonate-* headers of a user. Throws KubeconfigError where a header would be needed twice: fetch joins such headers into one. */
export function impersonationHeaders(user: Entry<User>): Record<string, string> {
  const where = `Kubeconfig "${user.file}": user "${user.name}"`;
  const { as: name, "as-uid": uid, "as-groups": groups = [], "as-user-extra": extra = {} } = user.value;
  if (name === undefined) {
    if (!uid && groups.length === 0 && Object.keys(extra).length === 0) return {};
    throw new KubeconfigError(`${where} has as-uid, as-groups or as-user-extra without as: set as`);
  }
  const headers: Record<string, string> = {};
  const add = (header: string, value: string, field: string): void => {
    if (headers[header] !== undefined) {
      throw new KubeconfigError(`${where}: ${field} has more than one value, which is not supported: give one`);
    }
    headers[header] = headerValue(value, `${where}: ${field}`);
  };
  add("Impersonate-User", name, "as");
  if (uid) add("Impersonate-Uid", uid, "as-uid");
  for (const group of groups) add("Impersonate-Group", group, "as-groups");
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values)
      add(`Impersonate-Extra-${escapeKey(key.toLowerCase())}`, value, `as-user-extra: ${key}`);
  }
  return headers;
}

/** A user's token, token file or password as the source of the Authorization header; undefined if it has none of them. */
export function userAuthorization(user: Entry<User>): Authorization | undefined {
  const where = `Kubeconfig "${user.file}": user "${user.name}"`;
  const { token, tokenFile, username, password } = user.value;
  const hasToken = token !== undefined || tokenFile !== undefined;
  if (hasToken && (username !== undefined || (token !== undefined && password !== undefined))) {
    throw new KubeconfigError(`${where} has a token and a username or password: remove one of them`);
  }
  if (tokenFile !== undefined) return fileToken(resolvePath(user, tokenFile), token, `${where}: tokenFile`);
  if (token !== undefined) return fixed(bearer(token, `${where}: token`));
  if (username !== undefined) return fixed(basic(`${username}:${password ?? ""}`));
  return undefined;
}

/** The Authorization header for `user:password`. */
export function basic(userInfo: string): string {
  return `Basic ${Buffer.from(userInfo).toString("base64")}`;
}

/**
 * The token of a file that others renew: the file counts each time, then the last token that was read from it, then
 * `fallback`. Throws KubeconfigError at once when there is none at all.
 */
export function fileToken(path: string, fallback: string | undefined, where: string): Authorization {
  let last = readToken(path) ?? fallback;
  if (last === undefined) {
    readNamedFile(path, where);
    throw new KubeconfigError(`${where}: "${path}" is empty`);
  }
  let isFirst = true;
  return () => {
    if (!isFirst) last = readToken(path) ?? last;
    isFirst = false;
    return bearer(last ?? "", where);
  };
}

/** The header for a bearer token. Throws KubeconfigError when the token cannot stand in a header. */
export function bearer(token: string, where: string): string {
  return `Bearer ${headerValue(token, where)}`;
}

function fixed(value: string): Authorization {
  return () => value;
}

function readToken(path: string): string | undefined {
  try {
    return readNamedFile(path, "").trim() || undefined;
  } catch (error) {
    if (error instanceof KubeconfigError && systemErrorCode(error.cause) !== undefined) return undefined;
    throw error;
  }
}

/** Go sends the bytes of UTF-8; fetch sends one byte per character. */
function headerValue(value: string, where: string): string {
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
    throw new KubeconfigError(`${where} has a line break or another control character in it: remove it`);
  }
  return Buffer.from(value).toString("latin1");
}

function escapeKey(key: string): string {
  return Array.from(Buffer.from(key), escapeByte).join("");
}

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
