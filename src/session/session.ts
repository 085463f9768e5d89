import { identityHash, podName, type SessionIdentity, sessionNameProblem } from "../pod/names.ts";
import { UsageError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { Settings } from "../provider/settings.ts";

/** One session as an operation addresses it. */
export interface Session extends SessionIdentity {
  namespace: string;
  /** Name of its pod. */
  pod: string;
  /** What `/run/gc/id` of its box holds. */
  hash: string;
  /** What errors call it, where it is no session of gc's. */
  title?: string;
}

/** The session that argument 0 names. Throws `UsageError` for a name that no session can have. */
export function namedSession(context: Context): Session {
  const session = context.args[0] ?? "";
  if (session === "") throw new UsageError("missing session name");
  const problem = sessionNameProblem(session);
  if (problem) throw new UsageError(`Cannot use the session name "${session.slice(0, 80)}": ${problem}`);
  context.log.session = session;
  return sessionNamed(session, context.settings);
}

/** The session of that name in the city that the settings name. */
export function sessionNamed(session: string, settings: Settings): Session {
  const identity = { session, city: settings.get("GC_K8S_CITY") };
  return {
    ...identity,
    namespace: settings.get("GC_K8S_NAMESPACE"),
    pod: podName(identity),
    hash: identityHash(identity),
  };
}

/** Begins the names of the boxes in which images are checked; no session of gc's has a slash after such a word. */
export const CHECK_PREFIX = "check-image/";

/** The session's name for errors. */
export function quoted(session: SessionIdentity & { title?: string }): string {
  return session.title ?? `session "${session.session}"`;
}
