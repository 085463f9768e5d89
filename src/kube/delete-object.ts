import { isConflict, isNotFound } from "./errors.ts";
import type { KubeClient } from "./request.ts";
import { assertUid, isUid } from "./uid.ts";

/** One object as somebody has seen it, and how it is to be deleted. */
export interface Deletion {
  /** Path of the object. */
  path: string;
  uid: string;
  /** The object in errors, such as `pod "x"`. */
  what: string;
  /** Kind as a 404 names it, such as `pods`, where another 404 could be mistaken for the object's. */
  kind?: string;
  /** More fields of `DeleteOptions`; undefined ones are left out. */
  options?: Record<string, unknown>;
  signal: AbortSignal;
}

/** Deletes exactly the object that was seen, and resolves with the server's answer; with undefined when it is gone already
 * or another stands under its name. A 409 alone proves neither: webhooks and storage errors say it, too. */
export async function deleteObject<T>(client: KubeClient, deletion: Deletion): Promise<T | undefined> {
  const { path, uid, what, kind, options, signal } = deletion;
  // Without one the server would delete whatever is there.
  assertUid(uid, `DELETE ${what}`);
  try {
    return await client.json<T>({
      method: "DELETE",
      path,
      body: { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid }, ...options },
      what: `DELETE ${what}`,
      idempotent: true,
      signal,
    });
  } catch (error) {
    if (isNotFound(error, kind) || (isConflict(error) && (await isOther(client, deletion)))) return undefined;
    throw error;
  }
}

/** True when the object is not there any more; false, too, when that cannot be told. */
async function isOther(client: KubeClient, { path, uid, what, kind, signal }: Deletion): Promise<boolean> {
  try {
    const now = await client.json<{ metadata?: { uid?: string } }>({ path, what: `GET ${what}`, signal });
    return isUid(now.metadata?.uid) && now.metadata.uid !== uid;
  } catch (error) {
    return isNotFound(error, kind);
  }
}
