import type { Context } from "../provider/operation.ts";
import { containerStatus, getPod, podsPath } from "./pods.ts";
import type { Session } from "./session.ts";

/** What a box wrote of its end into the termination message. */
export interface BoxEnd {
  /** `exited`, `stopped`, `tmux-server-ended`, `pane-gone`, `never-launched` or `launch-abandoned`. */
  cause: string;
  exitCode: number;
  /** Number or name of the signal that ended the agent; "" = none. */
  signal: string;
  /** RFC 3339, the node's clock. */
  endedAt: string;
  /** The tmux environment as `show-environment -s` printed it, cut at 2800 bytes: a byte string. */
  metadata: string;
}

/** The end of the session's box; undefined when there is no box, or it left no message (its node died, or it was killed). */
export async function readBoxEnd(context: Context, session: Session): Promise<BoxEnd | undefined> {
  const pod = await getPod(context.client(), session, context.signal);
  const message = pod && containerStatus(pod)?.state?.terminated?.message;
  return message ? parseBoxEnd(message) : undefined;
}

/** Reads a termination message; the box's own, so anything else is taken as none. */
export function parseBoxEnd(message: string): BoxEnd | undefined {
  try {
    const { version, cause, exitCode, signal, endedAt, metadata } = JSON.parse(message) as Record<string, unknown>;
    if (version !== 1) return undefined;
    return {
      cause: String(cause),
      exitCode: Number(exitCode),
      signal: String(signal),
      endedAt: String(endedAt),
      metadata: Buffer.from(String(metadata), "base64").toString("latin1"),
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The last `lines` lines (0 = all) of the screen that the box saved in its log when the agent ended. */
export async function readLastScreen(context: Context, session: Session, lines: number): Promise<string> {
  return await context.client().text({
    path: `${podsPath(session.namespace, session.pod)}/log`,
    query: { tailLines: lines > 0 ? lines : undefined, limitBytes: lines > 0 ? undefined : 8 * 1024 * 1024 },
    accept: "*/*",
    what: `GET log of pod "${session.pod}"`,
    signal: context.signal,
  });
}
