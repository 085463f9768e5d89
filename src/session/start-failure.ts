import { ApiError, ExecError, TransportError } from "../kube/errors.ts";
import { containerStatus, hasEnded, type Pod } from "../pod/pod-object.ts";
import { statusWords } from "../pod/standstill.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { withAdvice } from "../provider/start-advice.ts";
import { TELLING } from "./ended-box.ts";
import { withPatience } from "./patience.ts";
import { quoted, type Session } from "./session.ts";
import { deletedWhileStarting, isStillThere, notStarted } from "./wait-running.ts";
import { watchPod } from "./watch-pod.ts";

/** The API shows the end of a box up to 2.5 s after it. */
const END_SHOWN_MS = 3_500;

/** What a launch in the pod `created` failed of: the end of its box where Kubernetes tells one, else the error itself. */
export async function launchFailure(
  context: Context,
  session: Session,
  created: Pod,
  error: unknown,
): Promise<unknown> {
  if (context.signal.aborted || !(error instanceof ExecError || error instanceof OperationError)) return error;
  const telling = await withPatience<OperationError | undefined>(
    context.signal,
    END_SHOWN_MS,
    async ({ signal }) => {
      for await (const pod of watchPod(context.client(), session, { signal })) {
        // What the launch said for itself tells more than that somebody took its pod away as well.
        if (!isStillThere(pod, created)) return error instanceof ExecError ? deletedWhileStarting(session) : undefined;
        if (hasEnded(pod) || containerStatus(pod)?.state?.terminated)
          return TELLING.test(statusWords(pod)) ? notStarted(session, statusWords(pod)) : undefined;
      }
      return undefined;
    },
    () => undefined,
  ).catch((problem: unknown) => {
    // What the launch itself said is still worth telling.
    if (problem instanceof ApiError || problem instanceof TransportError) return undefined;
    throw problem;
  });
  if (telling) return telling;
  return error instanceof OperationError ? new OperationError(withAdvice(error.message)) : error;
}

/** An answer of the API server that ended the start, with what to do about it. */
export function startFailure(session: Session, error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const { request, status, message } = error;
  if (!status.message) return new OperationError(`Cannot start ${quoted(session)}: ${message}`);
  // What the API server says of a pod that it refuses names the pod.
  const what = request.startsWith("POST") ? "" : `${request}: `;
  return new OperationError(`Cannot start ${quoted(session)}: ${what}${withAdvice(status.message)}`);
}
