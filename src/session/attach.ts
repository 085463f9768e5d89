import { openExec } from "../kube/exec.ts";
import { AGENT_CONTAINER } from "../pod/labels.ts";
import { errorLine, FactError, OperationError } from "../provider/errors.ts";
import type { Context, Operation } from "../provider/operation.ts";
import { writeToTerminal } from "../provider/stdout.ts";
import preamble from "./box-preamble.sh" with { type: "text" };
import { isPodMissing, NOT_PROVISIONED } from "./box-script.ts";
import { namedSession, quoted } from "./session.ts";

/** The image may not know the caller's terminal; every image with tmux knows xterm-256color. */
const ATTACH = `tty >"/run/gc/attached-$2"
export TERM="$1"
infocmp "$TERM" >/dev/null 2>&1 || export TERM=xterm-256color
exec tmux -u attach-session -t =main`;

/** A terminal in the box outlives its connection, and tmux would count its client for ever. This exec's stdin ends with
 * the caller's process, however that ends, and then detaches the client. */
const DETACH_WHEN_GONE = `cat >/dev/null
client=$(cat "/run/gc/attached-$1")
rm -f "/run/gc/attached-$1"
tmux detach-client -t "$client" 2>/dev/null || :`;

/** Ends a sequence that was begun, leaves the alternate screen (where there is none the cursor goes back to where attach
 * began, hence NEL), resets modes and colours (DECSTR), mouse, focus and paste modes, and the character set. */
export const RESET_TERMINAL =
  "\x18\x1b\\\x1b[?1049l\x1bE\x1b[!p\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l\x0f\x1b(B\x1b[0m";

/** `attach <name>`: the caller's own terminal, until it detaches. */
export const attach: Operation = {
  usage: "<name>",
  help: "Connects this terminal to the agent's; detach with Ctrl-B d.",
  deadlineMs: undefined,
  async run(context) {
    const session = namedSession(context);
    if (!process.stdin.isTTY || !process.stdout.isTTY)
      throw new OperationError(`Cannot attach to ${quoted(session)}: standard input and output must be a terminal`);
    context.log.phase("attach");
    const term = context.env["TERM"] || "xterm-256color";
    const id = crypto.randomUUID();
    const show = (data: Uint8Array) => {
      try {
        writeToTerminal(data);
      } catch (error) {
        // The terminal has gone, and with it everybody who could want this.
        context.log.warn(errorLine(error));
        exec.terminate();
      }
    };
    const place = { namespace: session.namespace, pod: session.pod, container: AGENT_CONTAINER, stdin: true };
    const exec = await openExec(context.client(), {
      ...place,
      command: ["/bin/sh", "-c", preamble + NOT_PROVISIONED + ATTACH, "gc-attach", session.hash, term, id],
      tty: true,
      signal: context.signal,
      onStdout: show,
      onStderr: show,
    }).catch((error: unknown) => {
      throw isPodMissing(error, session) ? new FactError(`${quoted(session)}: session not found`) : error;
    });
    const lease = openExec(context.client(), {
      ...place,
      command: ["/bin/sh", "-c", preamble + NOT_PROVISIONED + DETACH_WHEN_GONE, "gc-attach-lease", session.hash, id],
      signal: context.signal,
      onStdout: () => undefined,
      onStderr: () => undefined,
    });
    lease.catch((error: unknown) => context.log.warn(errorLine(error)));
    const exitCode = await withRawTerminal(context, exec);
    if (exitCode === 113 || exitCode === 114) throw new FactError(`${quoted(session)}: session not found`);
    return { exitCode: exitCode === 0 ? 0 : 1 };
  },
};

/** Passes keys and sizes on until the command ends, and gives the terminal back as it was. */
async function withRawTerminal(context: Context, exec: Awaited<ReturnType<typeof openExec>>): Promise<number> {
  const { stdin, stdout } = process;
  const resize = () => exec.resize(stdout.columns, stdout.rows);
  const type = (data: Uint8Array) => void exec.write(data).catch((error) => context.log.warn(String(error)));
  // However the process ends, also by an error that nobody expects, the terminal must not stay raw.
  process.on("exit", () => stdin.setRawMode(false));
  stdin.setRawMode(true);
  stdin.on("data", type);
  stdout.on("resize", resize);
  resize();
  try {
    return await exec.exited;
  } finally {
    stdin.off("data", type);
    stdin.setRawMode(false);
    stdin.pause();
    reset(context);
  }
}

/** After a tmux that ends well nothing of it is needed; but what the box calls tmux may be something else. */
function reset(context: Context): void {
  try {
    writeToTerminal(RESET_TERMINAL);
  } catch (error) {
    context.log.warn(errorLine(error));
  }
}
