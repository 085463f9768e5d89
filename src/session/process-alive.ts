import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BoxProcess, paneProcesses, parseProcesses } from "./box-processes.ts";
import { runInBox } from "./box-script.ts";
import { namedSession } from "./session.ts";

/** Two forks whatever the number of processes; what to make of them is decided here, exactly. */
const PROCESSES = `tmux display-message -p -t "$pane" '#{pane_pid}'
cat /proc/[0-9]*/stat 2>/dev/null
echo
head -v -c 1024 /proc/[0-9]*/cmdline 2>/dev/null
:`;

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
    const answer = await runInBox(context, namedSession(context), { script: PROCESSES, repeatable: true });
    if (answer.state !== "done") return { stdout: "false\n" };
    const { panePid, processes } = parseProcesses(Buffer.from(answer.stdout).toString("latin1"));
    const isAlive = paneProcesses(processes, panePid).some((process) => names.some((name) => isNamed(process, name)));
    return { stdout: `${isAlive}\n` };
  },
};

/** A process is known by the name the kernel shows, by its program, or by the script that its interpreter runs. */
function isNamed({ comm, argv }: BoxProcess, name: string): boolean {
  if (comm === name || comm === name.slice(0, 15)) return true;
  return argv.slice(0, 2).some((word) => word.slice(word.lastIndexOf("/") + 1) === name);
}
