import { ApiError, ExecError, isRefusal, TransportError } from "../kube/errors.ts";
import { DeadlineError, errorLine } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BoxProcess, paneProcesses, parseProcesses } from "./box-processes.ts";
import { type BoxAnswer, runInBox } from "./box-script.ts";
import { namedSession, type Session } from "./session.ts";

/** Two forks whatever the number of processes; what to make of them is decided here, exactly. */
const PROCESSES = `tmux display-message -p -t "$pane" '#{pane_pid}'
cat /proc/[0-9]*/stat 2>/dev/null || :
echo
head -v -c 1024 /proc/[0-9]*/cmdline 2>/dev/null || :`;

/** `process-alive <name>`: names on stdin, one per line; any match in the agent's process tree counts. */
export const processAlive: Operation = {
  usage: "<name>",
  help: "Prints `true` when a process of one of the names on stdin runs in the agent's process tree, else `false`.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const names = new TextDecoder()
      .decode(await context.stdin())
      .split("\n")
      .filter((name) => name !== "");
    if (names.length === 0 || !context.args[0]) return { stdout: "true\n" };
    const answer = await look(context, namedSession(context));
    if (!answer) return undefined;
    if (answer.state !== "done") return { stdout: "false\n" };
    const { panePid, processes } = parseProcesses(Buffer.from(answer.stdout).toString("latin1"));
    const isAlive = paneProcesses(processes, panePid).some((process) => names.some((name) => isNamed(process, name)));
    return { stdout: `${isAlive}\n` };
  },
};

/** gc takes a failure for "dead" and acts on it, but an empty answer for "alive": so not having seen is an empty answer,
 * and only what waiting cannot mend (credentials, rights) fails. */
async function look(context: Context, session: Session): Promise<BoxAnswer | undefined> {
  try {
    return await runInBox(context, session, { script: PROCESSES, repeatable: true, isRead: true });
  } catch (error) {
    const unseen = error instanceof TransportError || error instanceof ExecError || error instanceof DeadlineError;
    if (isRefusal(error) || !(unseen || error instanceof ApiError)) throw error;
    context.log.warn(errorLine(error));
    return undefined;
  }
}

/** A process is known by the name the kernel shows, by its program, or by the script that its interpreter runs. */
function isNamed({ comm, argv }: BoxProcess, name: string): boolean {
  if (comm === name || comm === name.slice(0, 15)) return true;
  const script = argv.slice(1).find((word) => !word.startsWith("-"));
  return [argv[0], script].some((word) => word?.slice(word.lastIndexOf("/") + 1) === name);
}
