import { isGone } from "../kube/errors.ts";
import { sleep } from "../kube/retry.ts";
import { watch } from "../kube/watch.ts";
import { seqOf } from "../pod/event-name.ts";
import { eventLine } from "./event-line.ts";
import { type EventLog, type EventObject, eventQuery } from "./event-log.ts";
import { readLog } from "./read-log.ts";
import { type StoredEvent, storedEvent } from "./stored-event.ts";

/** How to follow a log. */
export interface FollowOptions {
  signal: AbortSignal;
  onUnreadable(name: string): void;
  /** Gets what keeps the log from being read; it is tried again for ever. */
  onTrouble(error: unknown): void;
}

/** Where in the log a follower is. */
interface Position {
  seq: number;
  resourceVersion: string;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Yields each event after `after` as a line, in order and once: the retained ones, then each as it is recorded.
 * Whatever breaks, it looks again from the last event on; it ends only with the signal. */
export async function* followLog(log: EventLog, after: number, options: FollowOptions): AsyncGenerator<string> {
  const { signal } = options;
  const position: Position = { seq: after, resourceVersion: "" };
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      yield* history(log, position, options);
      pauseMs = FIRST_PAUSE_MS;
      yield* live(log, position, options);
    } catch (error) {
      signal.throwIfAborted();
      // The version is too old to watch from: the history tells what was missed.
      if (!isGone(error)) options.onTrouble(error);
    }
    await sleep(pauseMs * (0.5 + Math.random() / 2), signal);
  }
}

async function* history(log: EventLog, position: Position, options: FollowOptions): AsyncGenerator<string> {
  // Lines are made while reading, because a line is short where its event may be long.
  const pick = ({ text }: StoredEvent) => eventLine(text);
  const { picked, newest, resourceVersion } = await readLog(log, { ...options, after: position.seq, pick });
  position.seq = newest;
  position.resourceVersion = resourceVersion;
  yield* picked;
}

/** Ends when an event is not the next one: only the history can tell whether the one between exists. */
async function* live(log: EventLog, position: Position, options: FollowOptions): AsyncGenerator<string> {
  const { resourceVersion } = position;
  for await (const { type, object } of watch<EventObject>(log.client, {
    ...eventQuery(log, options.signal),
    resourceVersion,
  })) {
    const seq = seqOf(object.metadata.name, log.city);
    if (type !== "ADDED" || seq === undefined || seq <= position.seq) continue;
    if (seq > position.seq + 1) return;
    position.seq = seq;
    const event = storedEvent(object, seq);
    if (event) yield eventLine(event.text);
    else options.onUnreadable(object.metadata.name);
  }
}
