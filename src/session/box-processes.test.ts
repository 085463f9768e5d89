import { describe, expect, test } from "bun:test";
import { type BoxProcess, paneProcesses, parseProcesses } from "./box-processes.ts";

function stat(pid: number, comm: string, parent: number, session: number, state = "S"): string {
  return `${pid} (${comm}) ${state} ${parent} ${pid} ${session} 34816 ${pid} 4194304 116 0 0 0 0 0`;
}

/** The output of the operation's script for these processes and command lines. */
function output(panePid: number, stats: string[], commandLines: Record<number, string> = {}): string {
  const heads = Object.entries(commandLines).map(([pid, line]) => `==> /proc/${pid}/cmdline <==\n${line}\n`);
  return `${panePid}\n${stats.join("\n")}\n\n${heads.join("\n")}`;
}

describe("what the box printed", () => {
  test("pids, parents, sessions, states, names and command lines", () => {
    const text = output(20, [stat(1, "sh", 0, 1), stat(20, "bash", 7, 20), stat(21, "claude", 20, 20, "R")], {
      1: "/bin/sh\0-c\0",
      20: "/bin/bash\0/run/gc/command\0",
      21: "",
    });
    expect(parseProcesses(text)).toEqual({
      panePid: 20,
      processes: [
        { pid: 1, comm: "sh", state: "S", parent: 0, session: 1, argv: ["/bin/sh", "-c", ""] },
        { pid: 20, comm: "bash", state: "S", parent: 7, session: 20, argv: ["/bin/bash", "/run/gc/command", ""] },
        { pid: 21, comm: "claude", state: "R", parent: 20, session: 20, argv: [""] },
      ],
    });
  });

  test.each(["(sd-pam)", "a b", "a) S 1 1 1 (", ")", "((", "tmux: server", "", "\u00ff\u00fe"])(
    "the name %p, which the kernel does not quote",
    (comm) => {
      const { processes } = parseProcesses(output(5, [stat(5, comm, 4, 3)]));
      expect(processes).toMatchObject([{ pid: 5, comm, parent: 4, session: 3 }]);
    },
  );

  test.each(["", "\n", "garbage", "x\ny (z) S\n"])("%p names no process", (text) => {
    expect(parseProcesses(text).processes).toEqual([]);
  });

  test("the real script on this machine finds this process", () => {
    const script = `echo 7; cat /proc/[0-9]*/stat 2>/dev/null; echo; head -v -c 1024 /proc/[0-9]*/cmdline 2>/dev/null`;
    const { stdout } = Bun.spawnSync(["sh", "-c", script]);
    const { panePid, processes } = parseProcesses(stdout.toString("latin1"));
    expect(panePid).toBe(7);
    const own = processes.find(({ pid }) => pid === process.pid);
    expect(own?.parent).toBe(process.ppid);
    expect(own?.argv[0]).toContain("bun");
  });
});

describe("the pane's processes", () => {
  const make = (pid: number, parent: number, session: number, state = "S"): BoxProcess => {
    return { pid, parent, session, state, comm: `p${pid}`, argv: [] };
  };
  const pids = (processes: BoxProcess[], pane: number) => paneProcesses(processes, pane).map(({ pid }) => pid);

  test("are all that its wrapper started, and what it left in its terminal, without the wrapper", () => {
    const processes = [
      make(1, 0, 1),
      make(7, 1, 7),
      make(40, 30, 20),
      make(30, 20, 20),
      make(20, 7, 20),
      make(50, 1, 20),
      make(51, 50, 51),
      make(60, 7, 60),
      make(90, 1, 90),
    ];
    expect(pids(processes, 20)).toEqual([40, 30, 50, 51]);
  });

  test("are living ones: an ended one that nobody has reaped is none, but its children are", () => {
    const processes = [make(20, 7, 20, "Z"), make(21, 20, 20, "X"), make(22, 20, 22), make(23, 22, 22, "D")];
    expect(pids(processes, 20)).toEqual([22, 23]);
  });

  test("are none when the pane's own is gone and has left nothing", () => {
    expect(pids([make(1, 0, 1), make(7, 1, 7)], 20)).toEqual([]);
  });

  test("are none when tmux has no pane to tell of", () => {
    const { panePid, processes } = parseProcesses(`\n${stat(1, "sh", 0, 1)}\n${stat(7, "tmux: server", 1, 7)}\n\n`);
    expect(processes).toHaveLength(2);
    expect(pids(processes, panePid)).toEqual([]);
  });

  test("are found at any depth, listed in any order", () => {
    const chain = Array.from({ length: 500 }, (_, index) => make(1000 - index, 999 - index, 1));
    expect(pids(chain, 501)).toHaveLength(499);
  });
});
