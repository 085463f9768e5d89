import { expect } from "bun:test";
import { answering, calling, doingNothing, failing } from "./broken.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

const UNREACHABLE = { KUBECONFIG: `${import.meta.dir}/unreachable.kubeconfig` };
const AGENT = { command: "PS1='agent$ ' bash --norc -i" };

rules("send-keys", {}, [
  {
    title: "presses keys by tmux's names, without an Enter of its own",
    async check({ ok, start }) {
      const session = await start(AGENT);
      await ok("send-keys", [session, "-l"]);
      await ok("send-keys", [session, "e", "c", "h", "o", "Space", "a;", "Space", "b"]);
      await until(async () => (await ok("peek", [session])).includes("echo a; b"));
      expect((await ok("peek", [session])).match(/agent\$/g)).toHaveLength(1);
      await ok("send-keys", [session, "C-u", "Up"]);
      await ok("send-keys", [session, "Enter"]);
      await until(async () => ((await ok("peek", [session])).match(/agent\$/g)?.length ?? 0) > 1);
    },
    broken: calling("send-keys", (call) => ({ ...call, args: [...call.args, "Enter"] })),
  },
  {
    title: "reaches the agent also while somebody scrolls in copy mode",
    async check({ ok, start, kubectl }) {
      const session = await start(AGENT);
      const pod = kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "jsonpath={.items[0].metadata.name}");
      kubectl("exec", pod, "--", "tmux", "copy-mode", "-t", "=main:");
      await ok("send-keys", [session, "h", "e", "y"]);
      await until(async () => (await ok("peek", [session])).includes("hey"));
      kubectl("exec", pod, "--", "tmux", "copy-mode", "-t", "=main:");
      await ok("nudge", [session], "# you");
      await until(async () => (await ok("peek", [session])).includes("hey# you\nbash: hey#: command not found"));
    },
    broken: doingNothing("send-keys"),
  },
  {
    title: "reaches an agent whose tmux socket was swept away, and the agent lives on",
    async check({ ok, start }) {
      const session = await start(AGENT);
      await ok("exec", [session], "rm -rf /tmp/tmux-*/default");
      await ok("send-keys", [session, "h", "e", "y"]);
      await until(async () => (await ok("peek", [session])).includes("hey"));
      expect(await ok("is-running", [session])).toBe("true\n");
    },
    broken: doingNothing("send-keys"),
  },
  {
    title: "succeeds for a missing session, and fails when the API server cannot be reached",
    async check({ ok, call, name }) {
      await ok("send-keys", [name(), "Enter"]);
      expect(await call("send-keys", [name(), "Enter"], undefined, UNREACHABLE)).toMatchObject({ exit: 1, stdout: "" });
    },
    broken: doingNothing("send-keys"),
  },
]);

rules("interrupt", {}, [
  {
    title: "presses Ctrl-C for the program in the foreground, and the agent lives on",
    async check({ ok, start }) {
      const session = await start(AGENT);
      await ok("nudge", [session], "sleep 1000");
      await until(async () => (await ok("process-alive", [session], "sleep")) === "true\n");
      await ok("interrupt", [session]);
      await until(async () => (await ok("process-alive", [session], "sleep")) === "false\n");
      expect(await ok("is-running", [session])).toBe("true\n");
    },
    broken: doingNothing("interrupt"),
  },
  {
    title: "succeeds for missing and for stopped sessions, three at once",
    async check({ ok, name, start }) {
      const [absent, stopped] = [name(), await start()];
      await ok("stop", [stopped]);
      await Promise.all([absent, stopped, absent].map((session) => ok("interrupt", [session])));
    },
    broken: failing("interrupt"),
  },
]);

rules("get-last-activity", {}, [
  {
    title: "prints RFC 3339 in UTC, moves with the agent's output, and tells nothing for a missing session",
    async check({ ok, start, name }) {
      const session = await start({ command: "sleep 3; echo output; exec sleep 300" });
      const first = await ok("get-last-activity", [session]);
      expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/);
      expect(Math.abs(Date.parse(first.trim()) - Date.now())).toBeLessThan(10_000);
      await until(
        async () => Date.parse((await ok("get-last-activity", [session])).trim()) >= Date.parse(first.trim()) + 2_000,
      );
      expect(await ok("get-last-activity", [name()])).toBe("");
    },
    broken: answering("get-last-activity", () => "2026-01-01T00:00:00Z\n"),
  },
  {
    title: "tells when an ended agent ended",
    async check({ ok, start }) {
      const session = await start({ command: "sleep 1" });
      await Bun.sleep(4_000);
      const end = Date.parse((await ok("get-last-activity", [session])).trim());
      expect(Math.abs(end - Date.now())).toBeLessThan(8_000);
    },
    broken: answering("get-last-activity", () => ""),
  },
]);

rules("clear-scrollback", {}, [
  {
    title: "forgets what scrolled off, and nothing of the screen",
    async check({ ok, start }) {
      const session = await start({ command: "seq 200; exec sleep 300" });
      await until(async () => (await ok("peek", [session, "0"])).includes("\n200\n"));
      await ok("clear-scrollback", [session]);
      const left = await ok("peek", [session, "0"]);
      expect(left).not.toContain("100\n");
      expect(left).toContain("200\n");
    },
    broken: doingNothing("clear-scrollback"),
  },
  {
    title: "succeeds for a missing session",
    async check({ ok, name }) {
      await ok("clear-scrollback", [name()]);
    },
    broken: failing("clear-scrollback"),
  },
]);
