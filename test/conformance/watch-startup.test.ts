import { expect } from "bun:test";
import { failing, printing } from "./broken.ts";
import { type Gc, rules } from "./rules.ts";
import { type Stream, stream } from "./stream.ts";
import { NeverTrue, until } from "./until.ts";

const SHELL = { command: "PS1='agent$ ' bash --norc -i" };
/** gc turns to `peek` when no line has come by then. */
const FIRST_LINE_MS = 8_000;
/** Longer than this a line is not read. */
const LONGEST_LINE = 64 * 1024;

rules("watch-startup", { shared: SHELL }, [
  {
    title: "prints the whole screen as a line of JSON at once, and again when it changes",
    async check(gc) {
      const session = await gc.start(SHELL);
      await watching(gc, session, async (watch) => {
        const began = performance.now();
        await shows(watch, "agent$");
        expect(performance.now() - began).toBeLessThan(FIRST_LINE_MS);
        await gc.ok("send-keys", [session, "h", "e", "y"]);
        await shows(watch, "agent$ hey");
      });
    },
    broken: failing("watch-startup"),
  },
  {
    title: "prints lines of JSON only, none longer than gc reads, and ends with 0 when the agent ends",
    async check({ ok, start }) {
      // As many bytes as a screen can have: a wide character with marks in each of its cells.
      const fill = "printf '\\u754c\\u0301\\u0302\\u0303%.0s' $(seq 2000); sleep 2; clear; echo last; sleep 2";
      const session = await start({ command: fill });
      const lines = (await ok("watch-startup", [session])).split("\n");
      expect(lines.pop()).toBe("");
      expect(lines.length).toBeGreaterThan(1);
      for (const line of lines) {
        expect(line).toStartWith("{");
        expect(Object.keys(JSON.parse(line))).toEqual(["content"]);
        expect(Buffer.byteLength(line)).toBeLessThan(LONGEST_LINE);
      }
      expect(lines.at(-1)).toContain("last");
    },
    broken: printing("watch-startup", (stdout) => `watching\n${stdout}`),
  },
  {
    title: "ends with 2, which fails no start, for what it cannot watch",
    async check({ call, name, shared, start }) {
      const ended = await start({ command: "exit 0" });
      await until(async () => (await call("is-running", [ended])).stdout === "false\n");
      const unreachable = { KUBECONFIG: `${import.meta.dir}/unreachable.kubeconfig` };
      const calls = [
        call("watch-startup", [name()]),
        call("watch-startup", [""]),
        call("watch-startup", [ended]),
        call("watch-startup", [shared], undefined, unreachable),
        call("watch-startup", [shared], undefined, { KUBECONFIG: "/nonexistent" }),
      ];
      for (const { exit, stdout } of await Promise.all(calls))
        expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    },
    broken: failing("watch-startup", 1),
  },
  {
    title: "ends in the box when its caller is killed",
    async check(gc) {
      const session = await gc.start(SHELL);
      const watchers = () => gc.ok("exec", [session], "pgrep -fc 'gc-watch-startu[p]' || :");
      await watching(gc, session, async (watch) => {
        await shows(watch, "agent$");
        expect(Number(await watchers())).toBeGreaterThan(0);
      });
      await until(async () => (await watchers()) === "0\n", 5_000);
    },
    broken: failing("watch-startup"),
  },
  {
    title: "shows a question that the agent asks at its start, and what becomes of the answer",
    async check(gc) {
      const session = gc.name();
      const menu = "printf 'Bypass Permissions mode\\n> No\\n  Yes\\n'; read -rsn3 key; read -rs";
      const command = `${menu}; clear; printf 'got %q' "$key"; exec sleep 300`;
      await gc.ok("start", [session], JSON.stringify({ command }));
      await watching(gc, session, async (watch) => {
        await shows(watch, "Bypass Permissions mode");
        for (const key of ["Down", "Enter"]) await gc.ok("send-keys", [session, key]);
        await shows(watch, "got $'\\E[B'");
      });
    },
    broken: failing("watch-startup"),
  },
]);

/** Watches while `use` runs; kills the watch as gc does when it has seen enough. */
async function watching(gc: Gc, session: string, use: (watch: Stream) => Promise<void>): Promise<void> {
  const watch = stream(gc, "watch-startup", [session]);
  try {
    await use(watch);
  } finally {
    await watch.kill();
  }
}

/** Reads on until a screen holds the text. */
async function shows(watch: Stream, text: string): Promise<void> {
  for (;;) {
    const line = await watch.line();
    if (line === undefined) throw new NeverTrue(`The watch has ended and never showed "${text}"`);
    expect(line).toStartWith('{"content":');
    if ((JSON.parse(line) as { content: string }).content.includes(text)) return;
  }
}
