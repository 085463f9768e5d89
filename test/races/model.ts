import type { PodRecord } from "../support/gc/pod-history.ts";

/** One call as its client saw it, in milliseconds of one clock. */
export interface Event {
  op: "start" | "stop";
  fromMs: number;
  toMs: number;
  exit: number | undefined;
  stderr: string;
}

/** A watch tells of a change a little after it happened. */
const WATCH_LAG_MS = 1_000;

/** What a start may say when it does not win. */
const LOST = /already exists|is being started by another call/;
const STOPPED = /was (deleted|stopped) while it started|launch was not committed|the box ended|ends? itself/;

/** Says what of a session's calls and pods cannot be; an empty list when all of it can. */
export function contradictions(events: Event[], pods: PodRecord[]): string[] {
  const starts = events.filter(({ op }) => op === "start");
  const stops = events.filter(({ op }) => op === "stop");
  const overlap = (a: { fromMs: number; toMs: number }, b: { fromMs: number; toMs: number }) =>
    a.fromMs <= b.toMs && b.fromMs <= a.toMs;
  const found: string[] = [];

  for (const event of stops) if (event.exit !== 0) found.push(`a stop failed: ${event.stderr}`);
  for (const event of starts) {
    if (event.exit === 0 || LOST.test(event.stderr)) continue;
    if (event.exit !== 1) found.push(`a start ended with ${event.exit}`);
    if (!STOPPED.test(event.stderr)) found.push(`a start failed without a reason that can be: ${event.stderr}`);
    else if (!stops.some((stop) => overlap(stop, event))) found.push(`nobody stopped it: ${event.stderr}`);
  }
  const winners = starts.filter(({ exit }) => exit === 0).sort((a, b) => a.toMs - b.toMs);
  for (const [index, later] of winners.entries()) {
    const earlier = winners[index - 1];
    if (earlier && !stops.some((stop) => overlap(stop, { fromMs: earlier.fromMs, toMs: later.toMs })))
      found.push("two starts won, and nobody stopped the session between them");
  }
  const launched = pods.filter(({ launchedAtMs }) => launchedAtMs !== undefined);
  if (winners.length > launched.length) found.push(`${winners.length} starts won ${launched.length} pods`);
  for (const { deletionAtMs, launchedAtMs } of pods) {
    if (deletionAtMs === undefined) continue;
    const around = { fromMs: deletionAtMs - WATCH_LAG_MS, toMs: deletionAtMs };
    if (!stops.some((stop) => overlap(stop, around)))
      found.push(`a pod (launched: ${launchedAtMs !== undefined}) was deleted, and nobody had stopped its session`);
  }
  return found;
}

/** Whether the session must run once all calls have returned; undefined = either is right. */
export function mustRun(events: Event[]): boolean | undefined {
  const winners = events.filter(({ op, exit }) => op === "start" && exit === 0);
  const last = winners.sort((a, b) => a.toMs - b.toMs).at(-1);
  if (!last) return false;
  const later = events.filter(({ op, toMs }) => op === "stop" && toMs >= last.fromMs);
  if (later.length === 0) return true;
  return later.some(({ fromMs }) => fromMs > last.toMs) ? false : undefined;
}
