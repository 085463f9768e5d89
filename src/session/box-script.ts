import { ApiError, ExecError, isNotFound, TransportError } from "../kube/errors.ts";
import { openExec } from "../kube/exec.ts";
import { retryWindow } from "../kube/retry.ts";
import { AGENT_CONTAINER } from "../pod/labels.ts";
import { hasEnded, isLaunched, isProvisioned } from "../pod/pod-object.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import preamble from "./box-preamble.sh" with { type: "text" };
import { Output, type Sink } from "./output.ts";
import { getPod } from "./pods.ts";
import { quoted, type Session } from "./session.ts";

/** Exit codes of `box-preamble.sh`: outside what tmux and coreutils use. */
const OTHER_SESSION = 113;
const AGENT_ENDED = 114;
/** Follows the preamble: a box without an agent is no running session, and ends itself when it has not been used for a while. */
export const NOT_PROVISIONED = `[ ! -e /run/gc/provisioned ] || exit ${OTHER_SESSION}\n`;
/** Before the preamble. */
const SEES_LAUNCHED = "final=launched\n";
const WITHOUT_AGENT = "without_agent=1\n";
const TOUCH_PROVISIONED = "[ ! -e /run/gc/provisioned ] || touch /run/gc/provisioned\n";
/** Ends the output of every script that ran to its end, so that a truncated one is never taken for whole. */
const DONE = new TextEncoder().encode("\0done\n");

/** A runtime goes on holding the output of a caller that is gone and reads none of it, so what prints more than a pipe
 * holds would wait in the box for ever. Standard input ends with the caller, and so do the script and what it started. */
const END_WITH_CALLER = "exec 3<&0\n{ read -r _ || kill -TERM 0; } <&3 >/dev/null 2>&1 &\n";

/** How a script that runs in a session's box is given and bounded. */
export interface BoxScript {
  /** Shell text; `$1`… are `args`. The preamble runs before it. */
  script: string;
  args?: string[];
  /** Bytes, or what yields them in pieces, anew for each attempt. */
  stdin?: Uint8Array | (() => Iterable<Uint8Array>);
  /** Leaves `stdin` open behind its bytes: it ends with the caller, which the script can tell by that. */
  keepsStdin?: boolean;
  /** Changes nothing, so it may see what a start has launched and not yet made final: the API shows that as running. */
  isRead?: boolean;
  /** Also for a box without an agent, which else counts as absent. It uses no tmux, which then need not be asked. */
  withoutAgent?: boolean;
  /** Running it twice has the effect of running it once, so it may be repeated when the connection is lost. */
  repeatable: boolean;
  /** Most bytes of output that are taken. */
  maxBytes?: number;
  /** May print more than a pipe holds: ends by TERM when its caller is gone. Takes no `stdin`. */
  isLong?: boolean;
  /** Takes the output as it arrives, all but the end that the answer then holds. */
  sink?: Sink;
}

/** What came of a script: its output, or that there is no such session, or that its agent has ended. */
export type BoxAnswer = { state: "done"; stdout: Uint8Array } | { state: "absent" } | { state: "ended" };

/** Runs a script in the session's box by one exec. The box itself checks that it is this session's, so no GET is needed.
 * Throws when the answer could not be seen: never an `absent` without proof. */
export async function runInBox(context: Context, session: Session, box: BoxScript): Promise<BoxAnswer> {
  const window = retryWindow(context.signal);
  context.log.phase("exec");
  for (;;) {
    try {
      return await attempt(context, session, box);
    } catch (error) {
      const answer = await explain(context, session, box, error);
      if (answer) return answer;
      if (!isRepeatable(error, box)) throw error;
      await window.pause(error as Error);
      context.client().counts.retries++;
    }
  }
}

/** What has not begun may be tried again; what may have happened only when the script bears repetition. */
function isRepeatable(error: unknown, box: BoxScript): boolean {
  if (error instanceof ApiError) return error.code === 429 || error.code >= 500;
  if (error instanceof TransportError) return error.unsent || box.repeatable;
  return error instanceof ExecError && box.repeatable;
}

async function attempt(context: Context, session: Session, box: BoxScript): Promise<BoxAnswer> {
  const { args = [], stdin, maxBytes = 8 * 1024 * 1024, withoutAgent = false, isLong = false } = box;
  const begin = (box.isRead ? SEES_LAUNCHED : "") + (withoutAgent ? WITHOUT_AGENT : "") + preamble;
  const before = begin + (withoutAgent ? TOUCH_PROVISIONED : NOT_PROVISIONED) + (isLong ? END_WITH_CALLER : "");
  const script = `${before}${box.script}\nprintf '\\0done\\n'\n`;
  const output = new Output(box.sink);
  let isTooLong = false;
  let refused: { error: unknown } | undefined;
  let stderr = "";
  try {
    const stream = await openExec(context.client(), {
      namespace: session.namespace,
      pod: session.pod,
      container: AGENT_CONTAINER,
      command: ["/bin/sh", "-c", script, "gc-k8s", session.hash, ...args],
      stdin: stdin !== undefined || isLong,
      signal: context.signal,
      onStdout(data) {
        isTooLong ||= output.bytes + data.length > maxBytes;
        if (refused || isTooLong) return stream.terminate();
        try {
          output.push(data);
        } catch (error) {
          // Thrown out of here it would end the process, which may have more to do than to read this.
          refused = { error };
          stream.terminate();
        }
      },
      onStderr: (data) => {
        if (stderr.length < 4096) stderr += new TextDecoder().decode(data);
      },
    });
    if (stdin) {
      for (const piece of typeof stdin === "function" ? stdin() : [stdin]) if (!(await stream.write(piece))) break;
      if (!box.keepsStdin) stream.closeStdin();
    }
    return answer(await stream.exited, output.rest(), stderr, session);
  } catch (error) {
    if (refused) throw refused.error;
    if (isPodMissing(error, session)) return { state: "absent" };
    if (isTooLong) throw new OperationError(`Cannot read ${quoted(session)}: its output exceeds ${maxBytes} bytes`);
    if (output.handedOn > 0) throw new OperationError(`Cannot read ${quoted(session)}: ${(error as Error).message}`);
    throw error;
  }
}

/** True when the refusal of an exec proves that there is no such pod. A node whose object is missing is refused in the same
 * words, as a pod of the node's name. */
export function isPodMissing(error: unknown, session: Session): boolean {
  return isNotFound(error, "pods") && error.status.details?.name === session.pod;
}

function answer(exitCode: number, stdout: Buffer, stderr: string, session: Session): BoxAnswer {
  if (exitCode === OTHER_SESSION) return { state: "absent" };
  if (exitCode === AGENT_ENDED) return { state: "ended" };
  // A box that ends kills what runs in it, or takes tmux away under it; asking again tells which.
  if (exitCode > 128 || (exitCode !== 0 && /no server running|server exited|lost server|can't find/.test(stderr)))
    throw new ExecError(`exec in pod "${session.pod}"`, "the box ended while the command ran");
  if (exitCode !== 0)
    throw new OperationError(
      `Cannot drive ${quoted(session)}: ${stderr.trim() || `the command in its pod ended with ${exitCode}`}`,
    );
  const end = stdout.length - DONE.length;
  if (end < 0 || !stdout.subarray(end).equals(DONE))
    throw new ExecError(`exec in pod "${session.pod}"`, "the output is incomplete");
  return { state: "done", stdout: stdout.subarray(0, end) };
}

/** Why an exec could not begin or did not end: the state of pod and box may say so. */
async function explain(
  context: Context,
  session: Session,
  box: BoxScript,
  error: unknown,
): Promise<BoxAnswer | undefined> {
  // The API server answers 400 for a pod that has ended or has no node yet, and 404 for one whose node is gone.
  const isRefused = error instanceof ApiError && (error.code === 400 || isNotFound(error));
  if (!isRefused && !(error instanceof ExecError)) return undefined;
  const pod = await getPod(context.client(), session, context.signal);
  if (!pod || pod.metadata.deletionTimestamp || !(isLaunched(pod) || isProvisioned(pod))) return { state: "absent" };
  if (hasEnded(pod)) return { state: "ended" };
  if (box.repeatable) return undefined;
  const now = await runInBox(context, session, { script: ":", repeatable: true });
  return now.state === "done" ? undefined : now;
}
