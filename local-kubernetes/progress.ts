import { stripVTControlCharacters } from "node:util";

/** Tells how far a step is, in a few words such as "812 of 2104 packages". */
export type Report = (detail: string) => void;

interface Step {
  title: string;
  started: number;
  detail: string;
}

const running: Step[] = [];

/**
 * Runs `work` and shows on standard error that it does: a live line on a terminal,
 * elsewhere a line every 20 s. A step that ends within a second leaves no line.
 */
export async function step<T>(title: string, work: (report: Report) => Promise<T>): Promise<T> {
  const live = isLive();
  const current: Step = { title, started: performance.now(), detail: "" };
  running.push(current);
  const timer = setInterval(() => showProgress(current, live), live ? 100 : 20_000);
  try {
    const result = await work((detail) => {
      current.detail = detail;
    });
    if (elapsed(current) >= 1000) print(`✓ ${title} (${duration(elapsed(current))})`, live);
    return result;
  } catch (error) {
    print(`✗ ${title} (${duration(elapsed(current))})`, live);
    throw error;
  } finally {
    clearInterval(timer);
    running.splice(running.indexOf(current), 1);
    if (live) process.stderr.write("\r\x1b[K");
  }
}

/** Prints a line on standard error, above the live line if there is one. */
export function say(line: string): void {
  print(line, isLive());
}

/** The text of a step's live line, cut to the terminal's width. */
export function progressLine(title: string, elapsedMs: number, detail: string, columns: number): string {
  const text = `${title} … ${duration(elapsedMs)}${detail && `, ${stripVTControlCharacters(detail)}`}`;
  return text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
}

/** A time span for people: "0.4 s", "12 s", "6 min 05 s". */
export function duration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

function showProgress(current: Step, live: boolean): void {
  if (current !== running.at(-1)) return; // the innermost step has the line
  const line = progressLine(
    current.title,
    elapsed(current),
    current.detail,
    live ? process.stderr.columns || 80 : 1000,
  );
  process.stderr.write(live ? `\r${line}\x1b[K` : `${line}\n`);
}

function print(line: string, live: boolean): void {
  process.stderr.write(live ? `\r\x1b[K${line}\n` : `${line}\n`);
}

function isLive(): boolean {
  return process.stderr.isTTY === true && !process.env["CI"];
}

function elapsed(of: Step): number {
  return performance.now() - of.started;
}
