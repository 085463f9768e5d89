import { list } from "../kube/watch.ts";
import { upstreamSeqOf } from "../pod/event-name.ts";
import { EventLabel, type EventLog, type EventObject, eventQuery } from "./event-log.ts";

/** What upstream's script has left in the namespace: one log for all cities, which each city's own log goes on from. */
export interface UpstreamLog {
  /** The last number that it has given. */
  lastSeq: number;
  /** Objects with their numbers, ascending. */
  objects: { seq: number; object: EventObject }[];
}

/** Its labels are those of our events, but for the city. */
const NO_CITY = `!${EventLabel.city}`;
const COUNTER = "gc-events-seq";

/** Reads the log in upstream's layout; an empty one when there is none. `more` is a further part of the selector. */
export async function upstreamLog(log: EventLog, signal: AbortSignal, more = ""): Promise<UpstreamLog> {
  const { items } = await list<EventObject>(log.client, {
    ...eventQuery(log, signal),
    labelSelector: `${EventLabel.component} in (event,event-seq),${NO_CITY}${more}`,
  });
  const objects = items
    .map((object) => ({ seq: upstreamSeqOf(object.metadata.name) ?? 0, object }))
    .filter(({ seq }) => seq > 0)
    .toSorted((a, b) => a.seq - b.seq);
  // The counter may be missing, or behind: then the events themselves tell.
  const counter = items.find(({ metadata }) => metadata.name === COUNTER)?.data?.["seq"] ?? "";
  const counted = /^\d{1,10}$/.test(counter) ? Number(counter) : 0;
  return { lastSeq: Math.max(counted, objects.at(-1)?.seq ?? 0), objects };
}
