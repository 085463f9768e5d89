import { RESET_TERMINAL } from "../../src/session/attach.ts";
import { until } from "../conformance/until.ts";
import type { SessionCall } from "../security/session-calls.ts";
import type { Ground } from "./fault-ground.ts";
import { isInternalError } from "./hostile-runs.ts";
import { watchMemory } from "./watch-memory.ts";

/** One call of a hostile box. */
export interface BoxCall extends SessionCall {
  /** It works for as long as somebody wants it to, and is told to end after so many milliseconds. */
  endedAfterMs?: number;
  /** Its input and output are a terminal of its own. */
  inTerminal?: boolean;
  /** Instead of the other operations'. */
  deadlineMs?: number;
  /** Exit codes beside 0 and 1. */
  alsoExits?: number[];
}

/** Operations that look at the session for as long as somebody watches, and the start of what is there already.
 * `provision` and `check-image` are missing: they run in boxes of their own, which no agent has been in. */
export const LASTING_CALLS: BoxCall[] = [
  // 2 tells gc to look with `peek`.
  { op: "watch-startup", args: (session) => [session], endedAfterMs: 5_000, alsoExits: [2] },
  { op: "attach", args: (session) => [session], endedAfterMs: 5_000, inTerminal: true },
  { op: "start", args: (session) => [session], stdin: '{"command":"sleep 600"}', deadlineMs: 118_000 },
];

const MOST_MEMORY = 256 * 1024 * 1024;
const DEADLINE_MS = 27_000;
/** gc kills so long after it has told a process to end. */
const END_MS = 2_000;
/** These print bytes of the session as they are: that is what they are for. */
const RAW = ["exec", "get-meta", "copy-from", "attach"];

/** Makes one call of a session; tells how it ended, and what was wrong with that. */
export async function runOfBox(ground: Ground, call: BoxCall, session: string) {
  const { op, args, stdin, env, endedAfterMs, deadlineMs = DEADLINE_MS, alsoExits = [] } = call;
  const began = performance.now();
  const shown = { stdout: new Start(), stderr: new Start() };
  const command = [ground.executable, op, ...args(session)];
  const terminal = call.inTerminal ? new Bun.Terminal({ data: (_, data) => shown.stdout.add(data) }) : undefined;
  // Before there is a process: on a busy machine it has the terminal in raw mode before another look at it.
  const flags = terminal?.localFlags;
  const child = Bun.spawn(command, {
    env: { ...ground.env, TERM: "xterm-256color", ...env },
    ...(terminal
      ? { terminal }
      : { stdin: stdin === undefined ? "ignore" : new Blob([stdin]), stdout: "pipe", stderr: "pipe" }),
  });
  const peakMemory = watchMemory(child.pid);
  const ending = endedAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGHUP"), endedAfterMs);
  const limitMs = endedAfterMs === undefined ? deadlineMs : endedAfterMs + END_MS;
  const limit = setTimeout(() => child.kill("SIGKILL"), limitMs + 1_000);
  await Promise.all([shown.stdout.of(child.stdout), shown.stderr.of(child.stderr), child.exited]);
  clearTimeout(ending);
  clearTimeout(limit);
  const [stdout, stderr] = [shown.stdout.text, shown.stderr.text];
  const memory = peakMemory();
  const offences: string[] = [];
  if (child.signalCode) offences.push(`${child.signalCode}: it did not end in time`);
  else if (![0, 1, ...alsoExits].includes(child.exitCode ?? -1)) offences.push(`exit ${child.exitCode}`);
  if (memory > MOST_MEMORY) offences.push(`it took ${Math.round(memory / 1024 / 1024)} MiB`);
  if (/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(RAW.includes(op) ? stderr : stdout + stderr))
    offences.push("control characters for the terminal");
  if (stderr.split("\n").length > 2 || stderr.includes("    at ")) offences.push("more than one line on stderr");
  if (isInternalError(stderr)) offences.push("an error of the program itself");
  if (terminal?.localFlags !== flags) offences.push("the terminal is not given back as it was");
  // What it wrote last may come after word of its end.
  const isReset = () => !call.inTerminal || !shown.stdout.sinceReset.includes("\x1b");
  await until(isReset, 1_000).catch(() => offences.push("the terminal is left in the box's modes"));
  terminal?.close();
  const ms = Math.round(performance.now() - began);
  return { op, exit: child.exitCode, ms, MiB: Math.round(memory / 1024 / 1024), stderr, offences };
}

/** The beginning of a stream, of which a megabyte shows what it is like, and its end. */
class Start {
  text = "";
  /** What came after the terminal was last set back, or the last of all when it never was. */
  sinceReset = "";
  readonly #decoder = new TextDecoder();

  add(data: Uint8Array): void {
    const more = this.#decoder.decode(data, { stream: true });
    if (this.text.length < 1_000_000) this.text += more;
    this.sinceReset = (this.sinceReset + more).split(RESET_TERMINAL).at(-1)?.slice(-100_000) ?? "";
  }

  async of(stream: ReadableStream<Uint8Array> | undefined | null): Promise<void> {
    if (stream) for await (const chunk of stream) this.add(chunk);
  }
}
