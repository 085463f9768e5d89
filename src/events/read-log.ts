import { isGone } from "../kube/errors.ts";
import { pages } from "../kube/watch.ts";
import { seqOf } from "../pod/event-name.ts";
import { type EventLog, type EventObject, eventQuery } from "./event-log.ts";
import { type StoredEvent, storedEvent } from "./stored-event.ts";
import { upstreamLog } from "./upstream-log.ts";

/** Which events to read, and what of them. */
export interface ReadOptions {
  /** Only events of higher numbers. */
  after: number;
  /** Further part of the label selector, such as `,gc/type=x`. */
  selector?: string;
  /** What is wanted of an event; undefined leaves it out. */
  pick(event: StoredEvent): string | undefined;
  /** Gets the name of an object that holds no event. */
  onUnreadable(name: string): void;
  signal: AbortSignal;
}

/** A consistent look at the log. */
export interface LogReading {
  /** What was picked, by ascending number. */
  picked: string[];
  /** Number of the newest event seen, whether or not it was picked; `after` when there is none. */
  newest: number;
  /** Version of the log, to watch on from. */
  resourceVersion: string;
}

/** Who asks for what comes after a number has mostly seen all but the last few. */
const TAIL = 50;

/** Reads the log back to `after` and no farther; a list that has expired midway (410) is begun anew. */
export async function readLog(log: EventLog, options: ReadOptions): Promise<LogReading> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await readOnce(log, options);
    } catch (error) {
      if (!isGone(error) || attempt >= 3) throw error;
    }
  }
}

async function readOnce(log: EventLog, options: ReadOptions): Promise<LogReading> {
  const { after, selector = "", signal } = options;
  const picked: string[] = [];
  const take = (object: EventObject, seq: number) => {
    const event = storedEvent(object, seq);
    const text = event && options.pick(event);
    if (!event) options.onUnreadable(object.metadata.name);
    if (text !== undefined) picked.push(text);
  };
  let resourceVersion = "";
  let newest: number | undefined;
  let oldest = Number.POSITIVE_INFINITY;
  const query = { ...eventQuery(log, signal, selector), ...(after > 0 && { firstPage: TAIL }) };
  for await (const page of pages<EventObject>(log.client, query)) {
    resourceVersion = page.resourceVersion;
    for (const object of page.items) {
      const seq = seqOf(object.metadata.name, log.city);
      if (seq === undefined) continue;
      newest ??= seq;
      oldest = seq;
      if (seq <= after) break;
      take(object, seq);
    }
    if (oldest <= after + 1) break;
  }
  if (oldest > after + 1) {
    // What is older was pruned, or is upstream's.
    const { objects } = await upstreamLog(log, signal, selector);
    const older = objects.filter(({ seq }) => seq > after && seq < oldest).reverse();
    newest ??= older[0]?.seq;
    for (const { object, seq } of older) take(object, seq);
  }
  return { picked: picked.reverse(), newest: Math.max(newest ?? 0, after), resourceVersion };
}
