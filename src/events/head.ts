import { pages } from "../kube/watch.ts";
import { seqOf } from "../pod/event-name.ts";
import { type EventLog, type EventObject, eventQuery, METADATA_LIST, RECORD_PAUSE } from "./event-log.ts";
import { upstreamLog } from "./upstream-log.ts";

/** The newest end of a log. */
export interface Head {
  /** Number of the newest event, 0 when there was never one. */
  seq: number;
  /** Longest pause that the writers of late have found right; 0 when they do not meet. */
  pauseMs: number;
}

/** What a writer has found out is worth so long. */
const PAUSE_HOLDS_MS = 2_000;

/** Looks at the head of the city's log. One request: names sort newest first. */
export async function readHead(log: EventLog, signal: AbortSignal): Promise<Head> {
  const query = { ...eventQuery(log, signal), accept: METADATA_LIST, firstPage: 1 };
  for await (const { items } of pages<EventObject>(log.client, query))
    for (const { metadata } of items) {
      const seq = seqOf(metadata.name, log.city);
      if (seq !== undefined) return { seq, pauseMs: pauseOf(metadata, log.client.serverNowMs) };
    }
  return { seq: (await upstreamLog(log, signal)).lastSeq, pauseMs: 0 };
}

function pauseOf({ annotations, creationTimestamp }: EventObject["metadata"], serverNowMs: number): number {
  const isFresh = serverNowMs - Date.parse(creationTimestamp) <= PAUSE_HOLDS_MS;
  return isFresh ? Number(annotations?.[RECORD_PAUSE]) || 0 : 0;
}
