import { expect } from "bun:test";
import { answering, failing } from "./broken.ts";
import { type Gc, rules } from "./rules.ts";
import { Terminal } from "./terminal.ts";
import { until } from "./until.ts";

const AGENT = { command: "PS1='agent$ ' bash --norc -i" };

rules("attach", { shared: AGENT }, [
  {
    title: "connects keys, screen and size of the caller's terminal, and ends with 0 when it is detached",
    async check(gc) {
      const session = await gc.start(AGENT);
      const terminal = new Terminal(gc.commandLine("attach", [session]), { columns: 90, rows: 20 });
      try {
        await terminal.shows("agent$");
        terminal.type("echo attached-$((6 * 7))\r");
        await terminal.shows("attached-42");
        await hasSize(gc, session, "90x20");
        terminal.resize(120, 35);
        await hasSize(gc, session, "120x35");
        terminal.type("\x02d");
        await terminal.shows("ended with 0");
      } finally {
        terminal.close();
      }
      expect(await gc.ok("is-running", [session])).toBe("true\n");
    },
    broken: answering("attach", () => ""),
  },
  {
    title: "shows in is-attached, also with two terminals",
    async check(gc) {
      const session = await gc.start(AGENT);
      expect(await gc.ok("is-attached", [session])).toBe("false\n");
      const terminals = [1, 2].map(() => new Terminal(gc.commandLine("attach", [session])));
      try {
        for (const terminal of terminals) await terminal.shows("agent$");
        expect(await gc.ok("is-attached", [session])).toBe("true\n");
      } finally {
        for (const terminal of terminals) terminal.close();
      }
      await until(async () => (await gc.ok("is-attached", [session])) === "false\n");
    },
    broken: answering("is-attached", () => "true\n"),
  },
  {
    title: "gives the terminal back when the session is stopped meanwhile",
    async check(gc) {
      const session = await gc.start(AGENT);
      const terminal = new Terminal(gc.commandLine("attach", [session]));
      try {
        await terminal.shows("agent$");
        await gc.ok("stop", [session]);
        await terminal.shows("ended with 1");
      } finally {
        terminal.close();
      }
    },
    broken: failing("stop", 2),
  },
  {
    title: "fails for a missing session",
    async check(gc) {
      const terminal = new Terminal(gc.commandLine("attach", [gc.name()]));
      try {
        await terminal.shows("session not found");
        await terminal.shows("ended with 1");
      } finally {
        terminal.close();
      }
    },
    broken: answering("attach", () => ""),
  },
  {
    title: "says that it needs a terminal when it has none",
    async check({ call, shared }) {
      const { exit, stderr } = await call("attach", [shared]);
      expect(exit).toBe(1);
      expect(stderr).toContain("must be a terminal");
    },
    broken: answering("attach", () => ""),
  },
]);

async function hasSize(gc: Gc, session: string, size: string): Promise<void> {
  const pod = gc.kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "jsonpath={.items[0].metadata.name}");
  await until(() => gc.kubectl("exec", pod, "--", "tmux", "list-clients").includes(size));
}
