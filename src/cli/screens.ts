import type { Context } from "../provider/operation.ts";
import type { SessionStatus } from "./city-status.ts";
import { callProgram } from "./session-call.ts";
import { shownText } from "./terminal-text.ts";

/** So many boxes are looked into at a time. */
const AT_A_TIME = 16;
/** A box that does not answer must not hold up the others. */
const BOX_MS = 8_000;

/** Adds last activity and last line of screen of each session that runs; `?` where nobody could see. */
export async function lookAtScreens(context: Context, sessions: SessionStatus[]): Promise<void> {
  const waiting = sessions.filter(({ state }) => state === "Running" || state === "Ended");
  async function lookAtNext(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) await lookAt(context, next);
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, lookAtNext));
}

async function lookAt(context: Context, status: SessionStatus): Promise<void> {
  const ask = async (...args: string[]) => {
    const call = { isQuiet: true, limitMs: BOX_MS };
    const { exitCode, stdout } = await callProgram(context, "gc-session-k8s", args, call);
    return exitCode === 0 && stdout !== "" ? stdout : undefined;
  };
  status.lastActivity = shownText((await ask("get-last-activity", status.session)) ?? "?").trim();
  const screen = await ask("peek", status.session, "1");
  status.lastLine = screen === undefined ? "?" : lastLine(screen);
}

/** The last line that holds anything. */
export function lastLine(screen: string): string {
  return shownText(screen).trimEnd().split("\n").at(-1)?.trim() ?? "";
}
