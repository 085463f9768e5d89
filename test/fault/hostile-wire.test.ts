import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DRIVING_CALLS, type SessionCall } from "../security/session-calls.ts";
import { inParallel, runsOf } from "./chance.ts";
import { executableUnderTest } from "./fault-ground.ts";
import { frameHead, type HostileApi, hostileApi, type Misuse, message, SESSION } from "./hostile-api.ts";
import { report } from "./report.ts";
import { watchMemory } from "./watch-memory.ts";

const MOST_MEMORY = 256 * 1024 * 1024;
const DEADLINE_MS = 27_000;
const scratch = mkdtempSync(join(tmpdir(), "hostile-wire-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const GiB = 1024 ** 3;
const stdout = (bytes: number, fill = 120) => Buffer.concat([Uint8Array.of(1), Buffer.alloc(bytes, fill)]);

/** Peers that misuse an exec, and whether the call may take all of its time. */
const MISUSES: Record<string, Misuse> = {
  "output without end": ({ pour }) => pour(message(stdout(64 * 1024)), 8 * GiB),
  "errors without end": ({ pour }) => pour(message(Buffer.concat([Uint8Array.of(2), Buffer.alloc(65_536, 27)])), GiB),
  "a frame of 2 GB": ({ socket, pour }) => {
    socket.write(frameHead(2 * GiB));
    pour(stdout(1024 * 1024), 2 * GiB);
  },
  "a status of 2 GB": ({ socket, pour }) => {
    socket.write(frameHead(2 * GiB));
    pour(Buffer.alloc(1024 * 1024, 3), 2 * GiB);
  },
  "no status": ({ socket }) => void socket.write(message(Buffer.from("\x010\n\0done\n"))),
  "the end without a status": ({ socket }) => void socket.end(message(Buffer.from("\x010\n\0done\n"))),
};

const CALLS: SessionCall[] = [
  ...DRIVING_CALLS,
  {
    op: "stop",
    args: (session) => [session],
  },
  { op: "start", args: () => ["fresh"], stdin: "{}" },
  // Whether its agent lives cannot be seen: then it must live on.
  { op: "start", args: (session) => [session], stdin: "{}" },
  { op: "provision", args: () => ["fresh"], stdin: "{}" },
  { op: "check-image", args: () => ["image"] },
  { op: "watch-startup", args: (session) => [session] },
];
/** `npm test` takes those that print, one that types, one that writes files here, the stop and the starts. */
const SHORT = ["peek", "nudge", "copy-from", "stop", "start", "watch-startup"];
const ROWS = CALLS.filter(({ op }) => runsOf(1, 0) > 0 || SHORT.includes(op));
/** An answer that means "not seen" to gc: empty, with success. */
const UNSEEN = ["process-alive"];
/** Operations that bring a pod up; gc waits for 120 s. */
const LONG: Record<string, number> = { start: 118_000, provision: 118_000 };
/** It works for as long as gc wants it to, which ends it after some seconds; 2 tells gc to look with `peek`. What it has
 * printed by then are screens, and as many as there are it has succeeded in. */
const WATCH = "watch-startup";
const WATCHED_MS = 5_000;

test.concurrent.each(Object.entries(MISUSES))(
  "%s: in time, in bounds, and never a success",
  async (name, misuse) => {
    const place = mkdtempSync(join(scratch, "place-"));
    const transcripts = { GC_TRANSCRIPTS_SRC: "/workspace", GC_TRANSCRIPTS_DEST: join(place, "transcripts") };
    const outcomes = await inParallel(ROWS, 3, async (row) => {
      const api = hostileApi(misuse);
      try {
        return await run(row, api, transcripts);
      } finally {
        api.close();
      }
    });
    const wrong = outcomes.filter(({ offences }) => offences.length > 0);
    const longestMs = Math.max(...outcomes.map(({ ms }) => ms));
    report("hostile-wire", { misuse: name, runs: outcomes.length, honest: outcomes.length - wrong.length, longestMs });
    expect(wrong).toEqual([]);
    expect(readdirSync(place, { recursive: true }).filter((path) => path !== "transcripts")).toEqual([]);
  },
  400_000,
);

async function run({ op, args, stdin }: SessionCall, api: HostileApi, own: Record<string, string>) {
  const began = performance.now();
  const child = Bun.spawn([executableUnderTest(), op, ...args(SESSION)], {
    env: { ...process.env, ...api.env, ...own },
    stdin: stdin === undefined ? "ignore" : new Blob([stdin]),
    stdout: UNSEEN.includes(op) || op === WATCH ? "pipe" : "ignore",
    stderr: "pipe",
  });
  const peakMemory = watchMemory(child.pid);
  const ending = op === WATCH ? setTimeout(() => child.kill("SIGHUP"), WATCHED_MS) : undefined;
  const limit = setTimeout(() => child.kill("SIGKILL"), (LONG[op] ?? DEADLINE_MS) + 1_000);
  const [stderr, answer] = await Promise.all([child.stderr.text(), child.stdout?.text(), child.exited]);
  clearTimeout(ending);
  clearTimeout(limit);
  const memory = peakMemory();
  const offences: string[] = [];
  if (child.signalCode) offences.push("it did not end in time");
  if (op === WATCH) offences.push(...watchOffences(child.exitCode, answer ?? ""));
  else if (child.exitCode === 0 && !UNSEEN.includes(op)) offences.push("it says that it has succeeded");
  else if (answer) offences.push(`it says what it cannot know: ${answer.slice(0, 80)}`);
  // What a box sends must not keep it from being removed.
  if (op === "stop" && !stderr.includes("The session is stopped, but:")) offences.push("the pod was not removed");
  if (op === "start" && args(SESSION)[0] === SESSION && api.deletions() > 0)
    offences.push("it deleted the pod of a session that may live");
  if (/already exists|not found|not running/i.test(stderr)) offences.push("a phrase that gc takes for a fact");
  if (child.exitCode === 2 && op !== WATCH) offences.push("exit 2");
  if (memory > MOST_MEMORY) offences.push(`it took ${Math.round(memory / 1024 / 1024)} MiB`);
  if (/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(stderr)) offences.push("control characters on stderr");
  if (stderr.split("\n").length > 2 || stderr.includes("    at ")) offences.push("more than one line on stderr");
  return { op, ms: Math.round(performance.now() - began), memory, stderr, offences };
}

/** Success without a screen, or a line that is none. */
function watchOffences(exit: number | null, answer: string): string[] {
  const lines = answer.split("\n").slice(0, -1);
  const isScreen = (line: string) => /^\{"content":"([^"\\]|\\.)*"\}$/.test(line);
  const wrong = lines
    .filter((line) => !isScreen(line))
    .map((line) => `it prints what is no screen: ${line.slice(0, 80)}`);
  return exit === 0 && lines.length === 0 ? ["it says that it has succeeded"] : wrong;
}
