import { expect } from "bun:test";
import { calling, failing, printing, swallowing } from "./broken.ts";
import type { Provider } from "./provider.ts";
import { type Gc, rules } from "./rules.ts";
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
    async check({ call, ok, shared }) {
      const { exit, stdout, ms } = await call("exec", [shared], "sleep 15 & echo started");
      expect({ exit, stdout }).toEqual({ exit: 0, stdout: "started\n" });
      expect(ms).toBeLessThan(12_000);
      expect(await ok("exec", [shared], "pgrep -fx 'sleep 15' >/dev/null && echo alive")).toBe("alive\n");
    },
    broken: calling("exec", (call) => ({ ...call, stdin: `${call.stdin}\nwait` })),
  },
  {
    title: "ends with its caller, however that ends, and leaves neither a process nor a file",
    async check(gc) {
      const session = await gc.start();
      // One that ends by TERM, one that ignores it, one that has printed more than anybody takes.
      const commands = ["sleep 1313", "(trap '' TERM; sleep 1313; sleep 1313)", "head -c 200000 /dev/zero; sleep 1313"];
      const seen = () =>
        gc.kubectl(
          "exec",
          podOf(gc, session),
          "--",
          "sh",
          "-c",
          "pgrep -fxc 'sleep 131[3]'; ls /run/gc /tmp | grep exec || :",
        );
      const children = commands.map((command) =>
        Bun.spawn(["sh", "-c", `exec ${gc.commandLine("exec", [session])}`], {
          stdin: new Blob([command]),
          stdout: "ignore",
          stderr: "ignore",
        }),
      );
      await until(() => seen().startsWith("3\n"));
      for (const child of children) child.kill("SIGKILL");
      await until(() => seen() === "0\n");
    },
    broken: failing("exec"),
  },
  {
    title: "a command that prints without end, or does not end, is ended in time, and that is told",
    async check({ call, ok, start }) {
      const session = await start();
      const [endless, long] = await Promise.all(["yes", "sleep 1414"].map((text) => call("exec", [session], text)));
      expect(endless).toMatchObject({ exit: 1, stdout: "" });
      expect(endless?.stderr).toContain(": the command was ended because its output exceeds 67108864 bytes");
      expect({ exit: long?.exit, isInTime: (long?.ms ?? 0) < 29_000 }).toEqual({ exit: 1, isInTime: true });
      expect(long?.stderr).toContain(": the command was ended after 25 s");
      expect(await ok("exec", [session], "pgrep -x yes; pgrep -fx 'sleep 141[4]' || :")).toBe("");
    },
    broken: swallowing("exec"),
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
    title: "gives gc's keys to the agent also while somebody scrolls in copy mode",
    async check(gc) {
      const session = await gc.start({ command: "PS1='agent$ ' bash --norc -i" });
      await until(async () => (await gc.ok("peek", [session])).includes("agent$"));
      const scroll = () => gc.kubectl("exec", podOf(gc, session), "--", "tmux", "copy-mode", "-t", "=main:");
      for (const [words, shows] of [
        ["-l echo seen-$((40+2))", "echo seen-$((40+2))"],
        ["Enter", "\nseen-42"],
        ["C-l", "agent$"],
      ] as const) {
        scroll();
        const [first = "", ...rest] = words.split(" ");
        const keys = rest.length > 0 ? `'${first}' '${rest.join(" ")}'` : `'${first}'`;
        expect(await gc.ok("exec", [session], `'tmux' 'send-keys' '-t' 'main' ${keys}`)).toBe("");
        await until(async () => (await gc.ok("peek", [session])).includes(shows));
      }
    },
    // Nobody knows the command then, so tmux gets it.
    broken: calling("exec", (call) => ({ ...call, stdin: `:; ${call.stdin}` })),
  },
  {
    title: "prints for gc's capture-pane what tmux would, and clears its history",
    async check({ ok, start }) {
      const session = await start({ command: "seq 100; exec sleep 300" });
      await until(async () => (await ok("peek", [session])).includes("\n100\n"));
      for (const start of ["-", "-5"]) {
        const capture = ["tmux", "capture-pane", "-t", "main", "-p", "-S", start];
        const shown = await ok("exec", [session], capture.map((word) => `'${word}'`).join(" "));
        expect(shown).toBe(await ok("exec", [session], capture.join(" ")));
      }
      expect(await ok("exec", [session], "'tmux' 'clear-history' '-t' 'main'")).toBe("");
      expect(await ok("peek", [session, "0"])).not.toContain("\n50\n");
    },
    broken: (real: Provider) => async (call) => {
      const outcome = await real(call);
      const isCapture = String(call.stdin).startsWith("'tmux' 'capture-pane'");
      return isCapture ? { ...outcome, stdout: outcome.stdout.trimEnd() } : outcome;
    },
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

function podOf({ kubectl }: Gc, session: string): string {
  return kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "jsonpath={.items[0].metadata.name}");
}
