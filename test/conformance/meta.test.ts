import { expect } from "bun:test";
import { setEnvironment } from "../../src/session/set-meta.ts";
import { calling, doingNothing, failing, printing } from "./broken.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

const VALUES = [
  "test-value",
  "",
  "trailing\nnewlines\n\n",
  "a;",
  "é 日本 \t\x1b[0m",
  " blanks ",
  "-1",
  "$HOME `x` \"q\" 'r' \\ #{pid}",
];

rules("metadata", { shared: { command: "PS1='agent$ ' bash --norc -i" } }, [
  {
    title: "get-meta prints what set-meta was given, byte for byte",
    async check({ ok, shared }) {
      for (const [index, value] of VALUES.entries()) {
        await ok("set-meta", [shared, `test-key-${index}`], value);
        expect(await ok("get-meta", [shared, `test-key-${index}`])).toBe(value);
      }
    },
    broken: printing("get-meta", (stdout) => stdout.trim()),
  },
  {
    title: "a key that was never set, and one that was removed, read as nothing",
    async check({ ok, shared, name }) {
      const key = `remove-me-${name()}`;
      expect(await ok("get-meta", [shared, key])).toBe("");
      await ok("set-meta", [shared, key], "x");
      await ok("remove-meta", [shared, key]);
      expect(await ok("get-meta", [shared, key])).toBe("");
      await ok("remove-meta", [shared, key]);
    },
    broken: doingNothing("remove-meta"),
  },
  {
    title: "a later value replaces an earlier one, and keys are independent",
    async check({ ok, shared, name }) {
      const [one, two] = [name(), name()];
      await ok("set-meta", [shared, one], "v1");
      await ok("set-meta", [shared, two], "w");
      await ok("set-meta", [shared, one], "v2");
      expect(await ok("get-meta", [shared, one])).toBe("v2");
      expect(await ok("get-meta", [shared, two])).toBe("w");
    },
    broken: calling("set-meta", (call) => ({ ...call, args: [call.args[0] ?? "", "always-the-same"] })),
  },
  {
    title: "a key that ends in a semicolon is a key of its own",
    async check({ ok, shared, name }) {
      const key = name();
      for (const end of ["", ";", "\\;", "\\", ";;"]) await ok("set-meta", [shared, `${key}${end}`], `value${end}`);
      for (const end of [";", ";;"]) await ok("remove-meta", [shared, `${key}${end}`]);
      for (const end of ["", "\\;", "\\"]) expect(await ok("get-meta", [shared, `${key}${end}`])).toBe(`value${end}`);
      for (const end of [";", ";;"]) expect(await ok("get-meta", [shared, `${key}${end}`])).toBe("");
    },
    broken: calling("remove-meta", (call) => ({ ...call, args: call.args.map((word) => word.replace(/;$/, "")) })),
  },
  {
    title: "the agent's own tmux client reads what was set, and sets what is read",
    async check({ ok, start }) {
      const session = await start({ command: "PS1='agent$ ' bash --norc -i" });
      await ok("set-meta", [session, "GC_DRAIN"], "1795425679");
      await ok(
        "nudge",
        [session],
        "tmux show-environment -t main GC_DRAIN; tmux set-environment -t main GC_DRAIN_ACK 1",
      );
      await until(async () => (await ok("peek", [session])).includes("GC_DRAIN=1795425679"));
      await until(async () => (await ok("get-meta", [session, "GC_DRAIN_ACK"])) === "1");
    },
    broken: doingNothing("set-meta"),
  },
  {
    title: "an ended agent's metadata is still to be read",
    async check({ ok, start }) {
      const session = await start({ command: "until [ -e end ]; do sleep 0.1; done" });
      for (const [index, value] of VALUES.entries()) await ok("set-meta", [session, `key${index}`], value);
      await ok("exec", [session], ": >end");
      await until(async () => (await ok("is-running", [session])) === "false\n", 20_000);
      for (const [index, value] of VALUES.entries()) expect(await ok("get-meta", [session, `key${index}`])).toBe(value);
    },
    broken: doingNothing("get-meta"),
  },
  {
    // What set-meta sends may be cut off anywhere, and a part of a value must never count as one.
    title: "tmux takes no command whose value is cut off",
    async check({ ok, call, shared, name }) {
      const key = name();
      await ok("set-meta", [shared, key], "before");
      const whole = setEnvironment(key, Buffer.from("a b")).toString().trimEnd();
      for (let length = 1; length < whole.length; length++) {
        if (length > 20 && length < whole.length - 20) continue;
        const cut = whole.slice(0, length).replaceAll("'", "'\\''");
        const { exit } = await call("exec", [shared], `printf %s '${cut}' | tmux source-file - >/dev/null 2>&1`);
        expect([length, exit]).toEqual([length, 1]);
      }
      expect(await ok("get-meta", [shared, key])).toBe("before");
      await ok("exec", [shared], `printf %s '${whole}' | tmux source-file -`);
      expect(await ok("get-meta", [shared, key])).toBe("a b");
    },
    broken: doingNothing("exec"),
  },
  {
    title: "missing sessions and empty values are no error; bad keys and NUL are",
    async check({ ok, call, name, shared }) {
      await ok("set-meta", [name(), "k"], "v");
      await ok("remove-meta", [name(), "k"]);
      expect(await ok("get-meta", [name(), "k"])).toBe("");
      for (const key of ["", "a=b"]) expect((await call("set-meta", [shared, key], "v")).exit).toBe(1);
      expect((await call("set-meta", [shared, "k"], "a\0b")).exit).toBe(1);
    },
    broken: failing("get-meta"),
  },
]);
