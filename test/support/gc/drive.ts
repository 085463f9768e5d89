import type { GcProcess } from "./gc-process.ts";

/** An operation of the contract that does what a tmux command would. */
export interface Dedicated {
  op: string;
  args: string[];
  stdin?: string;
}

/** Offers a tmux command to `exec` and, when that is not implemented, calls the dedicated operation.
 * gc does not remember the refusal: every time costs both. The exit code of the command is ignored. */
export async function drive(gc: GcProcess, session: string, argv: string[], dedicated: Dedicated): Promise<string> {
  const offered = await tmux(gc, session, argv);
  if (offered.isImplemented) return offered.value;
  const { op, args, stdin } = dedicated;
  return (await gc.call(op, args, stdin === undefined ? {} : { stdin })).value;
}

/** Types a text and presses Enter: two commands through `exec`, or one `nudge`. */
export async function typeText(gc: GcProcess, session: string, text: string): Promise<void> {
  const { isImplemented } = await tmux(gc, session, ["send-keys", "-t", "main", "-l", text]);
  if (isImplemented) await tmux(gc, session, ["send-keys", "-t", "main", "Enter"]);
  else await gc.call("nudge", [session], { stdin: text });
}

/** Presses one key. */
export async function pressKey(gc: GcProcess, session: string, key: string): Promise<void> {
  const dedicated = { op: "send-keys", args: [session, key] };
  await drive(gc, session, ["send-keys", "-t", "main", key], dedicated);
}

/** The last lines of the screen. */
export async function readScreen(gc: GcProcess, session: string, lines: number): Promise<string> {
  const argv = ["capture-pane", "-t", "main", "-p", "-S", `-${lines}`];
  return await drive(gc, session, argv, { op: "peek", args: [session, String(lines)] });
}

async function tmux(
  gc: GcProcess,
  session: string,
  argv: string[],
): Promise<{ value: string; isImplemented: boolean }> {
  const stdin = ["tmux", ...argv].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const { exit, cancelled, stdout } = await gc.begin("exec", [session], { stdin }).done;
  if (cancelled) throw new Error(`exec ${session}: ${cancelled}`);
  return { value: stdout.toString().replace(/\n+$/, ""), isImplemented: exit !== 2 };
}
