import { deleteObject } from "../kube/delete-object.ts";
import { list } from "../kube/watch.ts";
import { seqOf } from "../pod/event-name.ts";
import type { Settings } from "../provider/settings.ts";
import { ageMs, wholeNumber } from "./age.ts";
import { configMapsPath, type EventLog, type EventObject, eventQuery, METADATA_LIST } from "./event-log.ts";
import { upstreamLog } from "./upstream-log.ts";

/** Which events go: those that are older than `olderThanMs`, but for the `keep` newest. */
export interface Retention {
  olderThanMs: number;
  keep: number;
}

/** A name that was given back within a writer's lifetime could be taken again. */
const LEAST_AGE_MS = 3_600_000;
const BATCH = 200;
const AT_ONCE = 8;

/** The retention that the settings give. */
export function retention(settings: Settings): Retention {
  return {
    olderThanMs: ageMs(settings.get("GC_K8S_EVENTS_OLDER_THAN"), "GC_K8S_EVENTS_OLDER_THAN"),
    keep: wholeNumber(settings.get("GC_K8S_EVENTS_KEEP"), "GC_K8S_EVENTS_KEEP"),
  };
}

/** Removes old events, the oldest first and in batches, at most `most` of them; resolves with how many are gone. The
 * newest stays always, so that numbers go on, and so does each that is younger than an hour by the server's clock. */
export async function removeOld(
  log: EventLog,
  { olderThanMs, keep }: Retention,
  { most, signal }: { most: number; signal: AbortSignal },
): Promise<number> {
  const events = await eventsOldestFirst(log, signal);
  const bound = log.client.serverNowMs - Math.max(olderThanMs, LEAST_AGE_MS);
  const old = events
    .slice(0, Math.max(0, events.length - Math.max(keep, 1)))
    .filter(({ metadata }) => Date.parse(metadata.creationTimestamp) < bound)
    .slice(0, most);
  for (let begin = 0; begin < old.length; begin += BATCH)
    // A batch is done before the next begins: whatever ends this leaves a log that is whole but for its oldest part.
    await removeAll(log, old.slice(begin, begin + BATCH), signal);
  return old.length;
}

async function eventsOldestFirst(log: EventLog, signal: AbortSignal): Promise<EventObject[]> {
  const { items } = await list<EventObject>(log.client, { ...eventQuery(log, signal), accept: METADATA_LIST });
  const own = items.filter(({ metadata }) => seqOf(metadata.name, log.city) !== undefined).reverse();
  const older = await upstreamLog(log, signal);
  return [...older.objects.map(({ object }) => object), ...own];
}

async function removeAll(log: EventLog, objects: EventObject[], signal: AbortSignal): Promise<void> {
  const queue = [...objects];
  const removeSome = async () => {
    for (let object = queue.shift(); object; object = queue.shift()) await remove(log, object, signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, removeSome));
}

/** Deletes exactly the object that was seen; one that somebody else has deleted is gone as well. */
async function remove(log: EventLog, { metadata }: EventObject, signal: AbortSignal): Promise<void> {
  const { name, uid } = metadata;
  await deleteObject(log.client, { path: configMapsPath(log, name), uid, what: `event "${name}"`, signal });
}
