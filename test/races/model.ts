import type { PodRecord } from "../support/gc/pod-history.ts";

/** One call as its client saw it, in milliseconds of one clock. */
export interface Event {
  op: "start" | "stop";
  fromMs: number;
  toMs: number;
  exit: number | undefined;
  stderr: string;
  /** SIGKILL ended it: what it had asked for may have happened, or not. */
  killed?: boolean;
  /** UID of the pod that a start says it made. */
  podUid?: string;
}

/** A watch tells of a change a little after it happened. */
const WATCH_LAG_MS = 1_000;

/** What a start may say when it does not win. */
const LOST = /already exists|is being started by another call/;
/** What asks for it lasts as long as its answer is under way. */
type Span = Pick<Event, "fromMs" | "toMs">;

const STOPPED = /was (deleted|stopped) while it started|launch was not committed|the box ended|ends? itself/;

/** A start gives up after 8 s, which a busy kubelet may take to end a pod. */
const TERMINATING = /is deleted but still terminating/;

/** Says what of a session's calls and pods cannot be; an empty list when all of it can. */
export function contradictions(events: Event[], pods: PodRecord[]): string[] {
  const starts = events.filter(({ op }) => op === "start");
  const stops = events.filter(({ op }) => op === "stop");
  const overlap = (a: Span, b: Span) => a.fromMs <= b.toMs && b.fromMs <= a.toMs;
  const found: string[] = [];

  for (const event of stops) if (event.exit !== 0 && !event.killed) found.push(`a stop failed: ${event.stderr}`);
  for (const event of starts) {
    if (event.exit === 0 || event.killed || LOST.test(event.stderr)) continue;
    if (event.exit !== 1) found.push(`a start ended with ${event.exit}`);
    if (TERMINATING.test(event.stderr)) {
      if (!pods.some((pod) => isLeaving(pod, event.toMs))) found.push(`no pod was terminating: ${event.stderr}`);
    } else if (!STOPPED.test(event.stderr)) found.push(`a start failed without a reason that can be: ${event.stderr}`);
    else if (!stops.some((stop) => overlap(stop, event))) found.push(`nobody stopped it: ${event.stderr}`);
  }
  const winners = starts.filter(({ exit }) => exit === 0).sort((a, b) => a.toMs - b.toMs);
  for (const [index, later] of winners.entries()) {
    const earlier = winners[index - 1];
    if (earlier && !stops.some((stop) => overlap(stop, { fromMs: earlier.fromMs, toMs: later.toMs })))
      found.push("two starts won, and nobody stopped the session between them");
  }
  const told = winners.flatMap(({ podUid }) => podUid ?? []);
  const won = new Set(told);
  if (won.size < told.length) found.push("two starts say that they made one pod");
  const launched = pods.filter(({ launchedAtMs }) => launchedAtMs !== undefined);
  if (winners.length > launched.length) found.push(`${winners.length} starts won ${launched.length} pods`);
  for (const { uid, deletionAtMs, launchedAtMs, seenAtMs } of pods) {
    if (deletionAtMs === undefined) continue;
    const around = { fromMs: deletionAtMs - WATCH_LAG_MS, toMs: deletionAtMs };
    const made = { fromMs: seenAtMs - WATCH_LAG_MS, toMs: seenAtMs };
    // The box of a start that was killed ends itself, and whoever starts next clears it away. One that another start has
    // won is not such a box, whenever it was made.
    if (!won.has(uid) && starts.some((start) => start.killed && overlap(start, made))) continue;
    if (!stops.some((stop) => overlap(stop, around)))
      found.push(`a pod (launched: ${launchedAtMs !== undefined}) was deleted, and nobody had stopped its session`);
  }
  return found;
}

/** The pod had been deleted at that time, and was not gone yet. */
function isLeaving({ deletionAtMs = Infinity, goneAtMs = Infinity }: PodRecord, atMs: number): boolean {
  return deletionAtMs <= atMs && goneAtMs >= atMs - WATCH_LAG_MS;
}

/** Whether the session must run once all calls have returned; undefined = either is right. */
export function mustRun(events: Event[]): boolean | undefined {
  const begun = events.filter(({ op, exit, killed }) => op === "start" && (exit === 0 || killed));
  const last = begun.sort((a, b) => a.toMs - b.toMs).at(-1);
  if (!last) return false;
  const later = events.filter(({ op, toMs }) => op === "stop" && toMs >= last.fromMs);
  if (later.some(({ fromMs, killed }) => !killed && fromMs > last.toMs)) return false;
  return later.length > 0 || begun.some(({ killed }) => killed) ? undefined : true;
}
