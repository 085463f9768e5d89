import { expect } from "bun:test";
import type { Call, Provider } from "./provider.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

/** What agents ask at their start, a line of each. */
const QUESTIONS = [
  "Choose the text style that looks best with your terminal",
  "2. Resume full session as-is",
  "3. Skip until next version",
  "Do you trust the files in this folder?",
  "Allow external CLAUDE.md file imports?",
  "New MCP server found in .mcp.json: tools",
  "Hooks need review",
  "WARNING: Claude Code running in Bypass Permissions mode",
  "Detected a custom API key in your environment",
  "1. Stop and wait for limit to reset",
];

/** Asks one after another, each with a menu whose pointer looks like the prompt, and keeps what was typed at each. */
const ASKING = `stty -echo
ask() { clear; printf '%s\\n❯ 1. No\\n  2. Yes\\n' "$1"; read -r answer; echo "[$answer]" >>/tmp/answers; clear; sleep 0.3; }
${QUESTIONS.map((question) => `ask '${question}'`).join("\n")}
printf '❯ '
while read -r line; do echo "$line" >>/tmp/answers; done`;

rules("start: an agent that asks first", {}, [
  {
    title: "the first text waits while the agent asks what gc answers after the start, and arrives once",
    async check({ ok, name }) {
      const session = name();
      const config = { command: ASKING, ready_prompt_prefix: "❯ ", nudge: "hello" };
      await ok("start", [session], JSON.stringify(config));
      for (const question of QUESTIONS) {
        await until(async () => (await ok("peek", [session])).includes(question));
        await Bun.sleep(300);
        await ok("send-keys", [session, "Enter"]);
      }
      const answers = () => ok("exec", [session], "cat /tmp/answers");
      await until(async () => (await answers()).includes("hello"), 15_000);
      await Bun.sleep(1_000);
      expect(await answers()).toBe(`${"[]\n".repeat(QUESTIONS.length)}hello\n`);
    },
    broken: typingAtOnce,
    timeoutMs: 120_000,
  },
  {
    title: "a text that is sent while the first waits is typed at once",
    async check({ ok, call, name }) {
      const session = name();
      await ok("start", [session], JSON.stringify({ command: ASKING, ready_prompt_prefix: "❯ ", nudge: "hello" }));
      const { exit, ms } = await call("nudge", [session], "now");
      expect({ exit, isInTime: ms < 10_000 }).toEqual({ exit: 0, isInTime: true });
      expect(await ok("exec", [session], "cat /tmp/answers")).toBe("[now]\n");
    },
    broken: (real) => async (call) =>
      call.op === "nudge" ? { ...(await real({ ...call, op: "is-running" })), exit: 1 } : real(call),
  },
  {
    title: "a menu that is not known is no prompt, either",
    async check({ ok, name }) {
      const session = name();
      const menu =
        "clear; printf 'Which one?\\n❯ 1. No\\n  2. Yes\\n'; read -r answer; clear; printf '❯ '; read -r line";
      const command = `stty -echo; ${menu}; echo "[$answer][$line]"; exec sleep 300`;
      await ok("start", [session], JSON.stringify({ command, ready_prompt_prefix: "❯ ", nudge: "hello" }));
      await ok("send-keys", [session, "y", "Enter"]);
      await until(async () => (await ok("peek", [session])).includes("[y][hello]"));
    },
    broken: typingAtOnce,
  },
]);

/** Breaks the rules: types the first text as soon as the agent runs. */
function typingAtOnce(real: Provider): Provider {
  return async (call: Call) => {
    if (call.op !== "start") return real(call);
    const { nudge, ...config } = JSON.parse(String(call.stdin));
    const outcome = await real({ ...call, stdin: JSON.stringify(config) });
    await Bun.sleep(1_000);
    await real({ op: "nudge", args: call.args, stdin: nudge });
    return outcome;
  };
}
