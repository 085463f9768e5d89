/** One process of a box. */
export interface BoxProcess {
  pid: number;
  parent: number;
  /** Process session: the pane's leader has its own pid here, and so has whatever it started in its terminal. */
  session: number;
  /** `Z` = ended and not yet reaped. */
  state: string;
  /** Name that the kernel shows, at most 15 bytes. */
  comm: string;
  argv: string[];
}

/** Reads the pane's pid (NaN without one: it has no processes then), the lines of `/proc/<pid>/stat`, and `head -v` of the command lines. */
export function parseProcesses(text: string): { panePid: number; processes: BoxProcess[] } {
  // A blank line ends the stat lines, so that no command line can pass for one.
  const [panePid = "", ...rest] = (text.split("\n\n", 1)[0] ?? "").split("\n");
  const stats = rest.map(parseStat).filter((process) => process !== undefined);
  const commandLines = new Map<number, string[]>();
  for (const [, pid, words] of text.matchAll(/==> \/proc\/(\d+)\/cmdline <==\n([^\n]*)/g))
    commandLines.set(Number(pid), (words ?? "").split("\0"));
  for (const process of stats) process.argv = commandLines.get(process.pid) ?? [];
  // Of a pane that has gone tmux prints nothing; as a number that would be 0, the parent of PID 1.
  return { panePid: Number.parseInt(panePid, 10), processes: stats };
}

/** proc(5): pid (comm) state ppid pgrp session …; comm may hold blanks and parentheses. */
function parseStat(line: string): BoxProcess | undefined {
  const match = /^(\d+) \((.*)\) (\S) (\d+) (\d+) (\d+) /.exec(line);
  if (!match) return undefined;
  const [, pid, comm = "", state = "", parent, , session] = match;
  return { pid: Number(pid), comm, state, parent: Number(parent), session: Number(session), argv: [] };
}

/** The living processes of the agent: whatever the pane's wrapper has started, or has left in its terminal. */
export function paneProcesses(processes: BoxProcess[], panePid: number): BoxProcess[] {
  const tree = new Set([panePid]);
  for (let size = 0; size !== tree.size; ) {
    size = tree.size;
    for (const { pid, parent, session } of processes) if (tree.has(parent) || session === panePid) tree.add(pid);
  }
  return processes.filter(({ pid, state }) => pid !== panePid && tree.has(pid) && state !== "Z" && state !== "X");
}
