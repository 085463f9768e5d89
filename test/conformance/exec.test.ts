import { expect } from "bun:test";
import { calling, printing } from "./broken.ts";
import type { Provider } from "./provider.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

const READER = "stty raw -echo; echo ready; exec cat > /tmp/read";

rules("exec", { shared: { command: "sleep 600", env: { GREETING: "it's" } } }, [
  {
    title: "runs the command in the agent's directory and environment, and prints both its outputs (RPP-CONN-001)",
    async check({ ok, shared }) {
      expect(await ok("exec", [shared], "echo GC_RPP_CONN_EXEC_OK")).toBe("GC_RPP_CONN_EXEC_OK\n");
      expect(await ok("exec", [shared], 'pwd; echo "$GREETING"; echo error >&2')).toBe("/workspace\nit's\nerror\n");
      expect(await ok("exec", [shared], "printf 'a\\n\\n'")).toBe("a\n\n");
    },
    broken: printing("exec", (stdout) => stdout.trim()),
  },
  {
    title: "ends with the command's exit code, whichever that is (RPP-CONN-001)",
    async check({ call, shared }) {
      for (const code of [0, 1, 2, 7, 113, 114, 255])
        expect((await call("exec", [shared], `exit ${code}`)).exit).toBe(code);
    },
    broken: (real: Provider) => async (call) => {
      const outcome = await real(call);
      return call.op === "exec" ? { ...outcome, exit: Math.min(outcome.exit, 1) } : outcome;
    },
  },
  {
    title: "gives the command no stdin, and keeps it out of every process list",
    alone: true,
    async check({ ok, shared }) {
      const count = "cat; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'can[a]ry' || : canary";
      expect(await ok("exec", [shared], count)).toBe("0\n");
    },
    broken: calling("exec", (call) => ({
      ...call,
      stdin: `sh -c '${String(call.stdin).replaceAll("'", "'\\''")}; : canary'`,
    })),
  },
  {
    title: "ends with its command, also when that leaves a process behind",
    async check({ call, shared }) {
      const { exit, stdout, ms } = await call("exec", [shared], "sleep 30 & echo started");
      expect({ exit, stdout }).toEqual({ exit: 0, stdout: "started\n" });
      expect(ms).toBeLessThan(10_000);
    },
    broken: printing("exec", () => ""),
  },
  {
    title: "a missing session fails with a text",
    async check({ call, name }) {
      const { exit, stderr } = await call("exec", [name()], "true");
      expect(exit).toBe(1);
      expect(stderr).toContain("no running agent");
    },
    broken: (real: Provider) => async (call) => (call.op === "exec" ? { ...(await real(call)), exit: 0 } : real(call)),
  },
  {
    title: "types the text of gc's own send-keys byte for byte, and its Enter after it",
    async check({ ok, start }) {
      const session = await start({ command: READER });
      await until(async () => (await ok("peek", [session])).includes("ready"));
      const text = "-x it's $(id); trailing;";
      await ok("exec", [session], `'tmux' 'send-keys' '-t' 'main' '-l' '${text.replaceAll("'", "'\\''")}'`);
      await ok("exec", [session], "'tmux' 'send-keys' '-t' 'main' 'Enter'");
      await until(async () => (await ok("exec", [session], "cat /tmp/read")) === `${text}\r`);
    },
    broken: calling("exec", (call) => ({ ...call, stdin: String(call.stdin).replace(";'", "'") })),
  },
  {
    title: "answers gc's capture-pane and has-session",
    async check({ ok, start }) {
      const session = await start({ command: "echo on the screen; exec sleep 300" });
      await until(async () =>
        (await ok("exec", [session], "'tmux' 'capture-pane' '-t' 'main' '-p' '-S' '-50'")).includes("on the screen"),
      );
      expect(await ok("exec", [session], "'tmux' 'has-session' '-t' 'main'")).toBe("");
    },
    broken: printing("exec", () => ""),
  },
]);
