import { identityHash, podName, type SessionIdentity } from "../pod/names.ts";
import { UsageError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";

/** One session as an operation addresses it. */
export interface Session extends SessionIdentity {
  namespace: string;
  /** Name of its pod. */
  pod: string;
  /** What `/run/gc/id` of its box holds. */
  hash: string;
}

/** The session that argument 0 names. Throws `UsageError` for a name that no session can have. */
export function namedSession(context: Context): Session {
  const session = context.args[0] ?? "";
  if (session === "") throw new UsageError("missing session name");
  const problem = nameProblem(session);
  if (problem) throw new UsageError(`Cannot use the session name "${session.slice(0, 80)}": ${problem}`);
  const identity = { session, city: context.settings.get("GC_K8S_CITY") };
  context.log.session = session;
  return {
    ...identity,
    namespace: context.settings.get("GC_K8S_NAMESPACE"),
    pod: podName(identity),
    hash: identityHash(identity),
  };
}

/** `list-running` prints a name per line, so no name may hold a line break. */
function nameProblem(name: string): string | undefined {
  if (name.length > 1024) return "it is longer than 1024 characters";
  return /\p{Cc}|\u2028|\u2029/u.test(name) ? "it holds a control character" : undefined;
}

/** The session's name for errors. */
export function quoted(session: SessionIdentity): string {
  return `session "${session.session}"`;
}
