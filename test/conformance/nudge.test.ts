import { expect } from "bun:test";
import { calling, doingNothing, swallowing } from "./broken.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

/** An agent that reads its terminal in raw mode and keeps every byte; $1 = "paste" asks for bracketed paste. */
const RAW_READER = `cat > reader.py <<'END'
import os, sys, termios, tty
tty.setraw(0)
if sys.argv[1] == "paste": os.write(1, b"\\x1b[?2004h")
out = open("/tmp/read", "wb", buffering=0)
os.write(1, b"ready")
while True:
    out.write(os.read(0, 65536))
END
exec python3 reader.py`;

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";

/** Texts that lose bytes on other ways into a terminal. */
const TEXTS: [string, string][] = [
  ["a leading dash", "-x --help"],
  ["a trailing semicolon", "ls;"],
  ["the name of a key", "Enter"],
  ["another name of a key", "C-c"],
  ["several lines and a trailing newline", "one\ntwo\n\nthree\n"],
  ["carriage returns and tabs", "a\r\nb\tc"],
  ["quotes, dollars and formats", "'\"`$(id) ${X} #{pane_id} %s \\ \\n !!"],
  ["characters beyond ASCII", "é 日本 🏙 ́"],
  ["every byte but NUL", Buffer.from(Array.from({ length: 255 }, (_, i) => i + 1)).toString("latin1")],
];

rules("nudge", {}, [
  {
    title: "types texts that lose bytes on other ways into a terminal",
    async check(gc) {
      const session = await reader(gc, "plain");
      let expected = Buffer.alloc(0);
      for (const [, text] of TEXTS) {
        await gc.ok("nudge", [session], bytesOf(text));
        expected = Buffer.concat([expected, bytesOf(text), Buffer.from("\r")]);
        await readsExactly(gc, session, expected);
      }
    },
    broken: calling("nudge", (call) => ({ ...call, stdin: Buffer.from(call.stdin ?? "").subarray(0, -1) })),
  },
  {
    title: "types a text into bracketed paste as one block, and Enter after it",
    check: (gc) => typesExactly(gc, "one\ntwo;\n"),
    broken: calling("nudge", (call) => ({ ...call, stdin: String(call.stdin).slice(1) })),
  },
  {
    title: "types 1 MiB byte for byte",
    check: (gc) => typesExactly(gc, `${"0123456789abcde\n".repeat(65_536)}`),
    broken: calling("nudge", (call) => ({ ...call, stdin: Buffer.from(call.stdin ?? "").subarray(0, 16_000) })),
    timeoutMs: 90_000,
  },
  {
    title: "refuses a text that would end the paste, or that holds NUL, and types nothing of it",
    async check(gc) {
      const session = await reader(gc, "paste");
      for (const text of [`a${PASTE_END}b`, "a\0b"]) {
        const { exit, stderr } = await gc.call("nudge", [session], text);
        expect(exit).toBe(1);
        expect(stderr).toContain("Cannot type the text");
      }
      expect(await readBytes(gc, session)).toHaveLength(0);
    },
    broken: swallowing("nudge"),
  },
  {
    title: "keeps nudges that come at once apart",
    async check(gc) {
      const session = await reader(gc, "plain");
      const texts = ["first text", "second text", "third text"];
      await Promise.all(texts.map((text) => gc.ok("nudge", [session], text)));
      const lines = (await readBytes(gc, session)).toString().split("\r").sort();
      expect(lines).toEqual(["", ...texts].sort());
    },
    broken: doingNothing("nudge"),
  },
  {
    title: "says so, and presses no Enter, when the agent does not read its input",
    async check(gc) {
      const command = "python3 -c 'import tty,time; tty.setraw(0); print(\"ready\"); time.sleep(300)'";
      const session = await gc.start({ command });
      await until(async () => (await gc.ok("peek", [session])).includes("ready"));
      const { exit, stderr } = await gc.call("nudge", [session], "hello");
      expect(exit).toBe(1);
      expect(stderr).toContain("did not read its input");
    },
    broken: swallowing("nudge"),
  },
  {
    title: "succeeds for a missing and for an ended session",
    async check({ ok, start, name }) {
      await ok("nudge", [name()], "hello");
      const session = await start({ command: "exit 0" });
      await ok("nudge", [session], "hello");
    },
    broken: (real) => async (call) => (call.op === "nudge" ? { ...(await real(call)), exit: 1 } : real(call)),
  },
]);

async function reader(gc: Gc, mode: "plain" | "paste"): Promise<string> {
  const session = await gc.start({ command: `set -- ${mode}; ${RAW_READER} ${mode}` });
  await until(async () => (await gc.ok("peek", [session])).includes("ready"));
  return session;
}

async function typesExactly(gc: Gc, text: string): Promise<void> {
  const session = await reader(gc, "paste");
  await gc.ok("nudge", [session], text);
  await readsExactly(gc, session, Buffer.from(`${PASTE_START}${text}${PASTE_END}\r`));
}

async function readsExactly(gc: Gc, session: string, expected: Buffer): Promise<void> {
  await until(async () => (await readBytes(gc, session)).length >= expected.length, 5_000);
  // toEqual would print a megabyte.
  expect((await readBytes(gc, session)).equals(expected)).toBe(true);
}

/** The row of all bytes is meant as bytes, every other text as UTF-8. */
function bytesOf(text: string): Buffer {
  return text.startsWith("\x01\x02") ? Buffer.from(text, "latin1") : Buffer.from(text);
}

async function readBytes(gc: Gc, session: string): Promise<Buffer> {
  const pod = gc.kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "jsonpath={.items[0].metadata.name}");
  return Buffer.from(gc.kubectl("exec", pod, "--", "base64", "-w0", "/tmp/read"), "base64");
}
