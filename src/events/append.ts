import { isAlreadyExists, isNotFound } from "../kube/errors.ts";
import { sleep } from "../kube/retry.ts";
import { eventName, LAST_SEQ } from "../pod/event-name.ts";
import { OperationError } from "../provider/errors.ts";
import {
  configMapsPath,
  EventLabel,
  type EventLog,
  type EventObject,
  labelText,
  RECORD_ID,
  RECORD_PAUSE,
} from "./event-log.ts";
import { readHead } from "./head.ts";
import type { NewEvent } from "./new-event.ts";
import { longerPause, shorterPause } from "./pace.ts";
import { untilAnswered } from "./until-answered.ts";

const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/** Puts the event behind the newest one and resolves with its number. The name is the compare-and-swap: number N+1 is
 * tried only when N has been seen, and of several writers one gets it. The others look again after a pause: whoever
 * walks on to N+2 instead meets the same writers there. */
export async function append(log: EventLog, event: NewEvent, signal: AbortSignal): Promise<number> {
  const id = crypto.randomUUID();
  const look = () => untilAnswered(signal, () => readHead(log, signal));
  const lookAfter = async (pauseMs: number) => {
    await sleep(Math.random() * pauseMs, signal);
    return await look();
  };
  let head = await look();
  let pauseMs = shorterPause(head.pauseMs);
  if (head.pauseMs > 0) head = await lookAfter(head.pauseMs);
  for (;;) {
    const seq = head.seq + 1;
    if (seq > LAST_SEQ) throw new OperationError(`Cannot record the event: the log of the city has ${LAST_SEQ} events`);
    if (await tryNumber(log, event, { seq, id, pauseMs, signal })) return seq;
    pauseMs = longerPause(head.pauseMs);
    head = await lookAfter(pauseMs);
  }
}

/** One try to give the event a number. */
interface Try {
  seq: number;
  /** Tells this event's own object from that of another writer. */
  id: string;
  /** Pause to tell the next writers. */
  pauseMs: number;
  signal: AbortSignal;
}

/** True when the event has the number; false when another has. A try whose answer was lost is repeated under the same
 * number until it is known how it ended, so that no event gets two. */
async function tryNumber(log: EventLog, event: NewEvent, attempt: Try): Promise<boolean> {
  const { client } = log;
  const { seq, id, signal } = attempt;
  const name = eventName(log.city, seq);
  const before = client.counts.requests;
  try {
    await untilAnswered(signal, () =>
      client.text({
        method: "POST",
        path: configMapsPath(log),
        what: `POST event ${seq}`,
        body: manifest(log, event, attempt),
        accept: METADATA,
        idempotent: true,
        signal,
      }),
    );
    return true;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const wasRepeated = client.counts.requests > before + 1;
    return wasRepeated && (await untilAnswered(signal, () => isOurs(log, name, id, signal)));
  }
}

async function isOurs(log: EventLog, name: string, id: string, signal: AbortSignal): Promise<boolean> {
  const request = { path: configMapsPath(log, name), what: `GET event "${name}"`, accept: METADATA, signal };
  try {
    const { metadata } = await log.client.json<EventObject>(request);
    return metadata.annotations?.[RECORD_ID] === id;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function manifest(log: EventLog, event: NewEvent, { seq, id, pauseMs }: Try): object {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: eventName(log.city, seq),
      labels: {
        [EventLabel.managedBy]: "gascity",
        [EventLabel.component]: "event",
        [EventLabel.type]: labelText(event.type),
        [EventLabel.actor]: labelText(event.actor),
        [EventLabel.city]: log.city,
      },
      annotations: { [RECORD_ID]: id, ...(pauseMs > 0 && { [RECORD_PAUSE]: String(pauseMs) }) },
    },
    data: { event: event.text(seq) },
  };
}
