import { expect } from "bun:test";
import { calling } from "./broken.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

/** A prompt_toolkit program that writes each submitted text to a file; $1 = "multi" takes several lines. */
const PROMPT = `cat > prompt.py <<'END'
import sys
from prompt_toolkit import PromptSession
from prompt_toolkit.key_binding import KeyBindings
keys = KeyBindings()
@keys.add("enter")
def submit(event): event.current_buffer.validate_and_handle()
session = PromptSession("ready> ", multiline=sys.argv[1] == "multi", key_bindings=keys)
while True:
    text = session.prompt()
    open("/tmp/submitted", "a").write(repr(text) + "\\n")
END
exec python3 prompt.py`;

rules("full-screen input", {}, [
  {
    title: "bash readline takes a nudge as one command line and runs it once",
    async check(gc) {
      const session = await gc.start({ command: "PS1='agent$ ' bash --norc -i" });
      await until(async () => (await gc.ok("peek", [session])).includes("agent$"));
      for (const n of [1, 2, 3, 4, 5]) await gc.ok("nudge", [session], `echo "-x; $((${n} * 11))" >> /tmp/submitted`);
      await until(() => submitted(gc, session).split("\n").length > 5);
      expect(submitted(gc, session)).toBe("-x; 11\n-x; 22\n-x; 33\n-x; 44\n-x; 55\n");
    },
    broken: calling("nudge", (call) => ({ ...call, stdin: `${call.stdin}\n${call.stdin}` })),
  },
  {
    title: "bash readline takes several lines as one paste",
    async check(gc) {
      const session = await gc.start({ command: "PS1='agent$ ' bash --norc -i" });
      await until(async () => (await gc.ok("peek", [session])).includes("agent$"));
      await gc.ok("nudge", [session], "cat > /tmp/submitted <<'END'\nfirst\n\tsecond;\nEND");
      await until(() => submitted(gc, session) !== "");
      expect(submitted(gc, session)).toBe("first\n\tsecond;\n");
    },
    broken: calling("nudge", (call) => ({ ...call, stdin: String(call.stdin).replaceAll("\t", "") })),
  },
  ...(["single", "multi"] as const).map((mode) => ({
    title: `a prompt_toolkit program (${mode}-line) gets each text whole and once, up to 64 KiB`,
    async check(gc: Gc) {
      const session = await gc.start({ command: `set -- ${mode}; ${PROMPT} ${mode}` });
      await until(async () => (await gc.ok("peek", [session])).includes("ready>"), 20_000);
      const long = mode === "multi" ? "0123456789abcde\n".repeat(4095) : "0123456789abcdef".repeat(4095);
      const texts = ["-x;", "é 日本", mode === "multi" ? "one\ntwo\n\nthree" : "one two", long];
      for (const [index, text] of texts.entries()) {
        await gc.ok("nudge", [session], text);
        await until(() => submitted(gc, session).split("\n").length === index + 2, 30_000);
      }
      const read = submitted(gc, session).trimEnd().split("\n");
      expect(read.map((line) => line.length)).toEqual(texts.map((text) => JSON.stringify(text).length));
      expect(read[1]).toBe("'é 日本'");
    },
    broken: calling("nudge", (call) => ({ ...call, stdin: String(call.stdin).slice(0, 20_000) })),
    timeoutMs: 120_000,
  })),
]);

function submitted(gc: Gc, session: string): string {
  const pod = gc.kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "jsonpath={.items[0].metadata.name}");
  return gc.kubectl("exec", pod, "--", "sh", "-c", "cat /tmp/submitted 2>/dev/null || :");
}
