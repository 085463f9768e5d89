import { ApiError, ExecError, TransportError } from "../kube/errors.ts";
import { openExec } from "../kube/exec.ts";
import { retryWindow } from "../kube/retry.ts";
import { RUN_DIR } from "../pod/box.ts";
import { AGENT_CONTAINER } from "../pod/labels.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import launchScript from "./launch.sh" with { type: "text" };
import { quoted, type Session } from "./session.ts";
import { type Staged, tarBytes, tarStream } from "./tar-stream.ts";

/** An agent that runs in its box, and is undone unless `commit` follows. */
export interface Launch {
  /** Makes the launch final; rejects when the box did not confirm it. */
  commit(): Promise<void>;
}

/** What a launch brings into the box, and how. */
export interface LaunchPlan {
  entries: Staged[];
  /** Seconds from the box's start after which it gives the launch up. */
  limitSeconds: number;
  /** A file in the box that is as new as the one to stage, or newer, stays: it is the agent's. */
  keepNewer: boolean;
  /** Programs that the image has to hold. */
  tools: string[];
  /** Mirrors the agent's screen into the container's log. */
  logScreen: boolean;
}

/** Characters of what the script says besides that are kept; the image decides what its programs are. */
const MOST_STDERR = 8192;
/** What the script prints: once the agent runs, and once that is final. */
const PROOF = "launched\ncommitted\n";
const COMMIT_LINE = new TextEncoder().encode("commit\n");

/** Stages `entries` and starts the agent by one exec. The box undoes the launch when this process dies before `commit`. */
export async function launch(
  context: Context,
  session: Session,
  { entries: planned, limitSeconds, keepNewer, tools, logScreen }: LaunchPlan,
): Promise<Launch> {
  // Proves to the box, as the last of all, that the stream has not ended between two entries.
  const entries = [...planned, runFile("staged", "")];
  const args = [
    String(limitSeconds),
    String(tarBytes(entries)),
    keepNewer ? "--keep-newer-files --warning=no-ignore-newer" : "",
    tools.join(" "),
    logScreen ? "log" : "",
  ];
  const launched = Promise.withResolvers<void>();
  // The box may give up while the stream is still being sent; the rejection is awaited below.
  launched.promise.catch(() => undefined);
  let stdout = "";
  let stderr = "";
  let unended = "";
  const exec = await execWhenReady(context, () =>
    openExec(context.client(), {
      namespace: session.namespace,
      pod: session.pod,
      container: AGENT_CONTAINER,
      command: ["/bin/sh", "-c", launchScript, "gc-launch", ...args],
      stdin: true,
      signal: context.signal,
      onStdout(data) {
        stdout += new TextDecoder().decode(data);
        if (stdout.startsWith("launched\n")) launched.resolve();
        else if (stdout.length > 64) exec.terminate();
      },
      onStderr(data) {
        const lines = (unended + new TextDecoder().decode(data)).split("\n");
        unended = lines.pop()?.slice(0, MOST_STDERR) ?? "";
        for (const line of lines) {
          const phase = /^phase: (pre_start \d+|launch)$/.exec(line)?.[1];
          if (phase) context.log.phase(phase);
          else if (stderr.length < MOST_STDERR) stderr += `${line}\n`;
        }
      },
    }),
  );
  const what = `launch in pod "${session.pod}"`;
  const ended = exec.exited.then((exitCode) => {
    // The script never ends so by itself: a box that ends kills what runs in it, and the kernel what wants too much memory.
    if (exitCode > 128) throw new ExecError(what, `it was killed (exit code ${exitCode})`);
    if (exitCode !== 0)
      throw new OperationError(`Cannot start ${quoted(session)}: ${reason(stderr + unended, exitCode)}`);
  });
  // A runtime may report success for a command that died with its box: only the script's own words are proof.
  const unproved = new ExecError(what, "it ended before it was done");
  ended.then(
    () => launched.reject(unproved),
    (error) => launched.reject(error),
  );
  for (const piece of tarStream(entries)) if (!(await exec.write(piece))) break;
  await launched.promise;
  return {
    async commit() {
      await exec.write(COMMIT_LINE);
      await ended;
      if (stdout !== PROOF) throw unproved;
      for (const line of stderr.split("\n").filter((each) => each !== "")) context.log.warn(line);
    },
  };
}

/** A box that runs for an instant only may not take an exec yet; nothing has begun, so trying again is harmless. */
export async function execWhenReady<T>(context: Context, open: () => Promise<T>): Promise<T> {
  const window = retryWindow(context.signal);
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const isTransient =
        error instanceof ApiError ? error.code === 429 || error.code >= 500 : error instanceof TransportError;
      if (!isTransient) throw error;
      await window.pause(error as Error);
    }
  }
}

/** The script's own words stand last; what tar printed before them says why. */
function reason(stderr: string, exitCode: number): string {
  const lines = stderr.trim().split("\n");
  const own = lines.pop() || `the launch in the pod ended with ${exitCode}`;
  return lines.length > 0 ? `${own} (${lines.slice(0, 5).join("; ")})` : own;
}

/** One of the session's own files below `/run/gc`. */
export function runFile(name: string, content: string, mode = 0o600): Staged {
  const bytes = new TextEncoder().encode(content);
  return { path: `${RUN_DIR.slice(1)}/${name}`, type: "file", mode, mtime: 0, size: bytes.length, content: bytes };
}
