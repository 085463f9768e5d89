import type { Place } from "./place.ts";
import { must } from "./run-process.ts";

/** A log of so many events. */
export const RETAINED = 10_000;
/** City whose log it is. */
export const SEEDED_CITY = "seeded";

const AT_ONCE = 16;

/** The object that `record` makes of an event; names sort newest first. */
export function eventObject(city: string, seq: number): object {
  const event = {
    seq,
    type: "bead.updated",
    ts: "2026-01-31T12:00:00.123Z",
    actor: "controller",
    subject: `tc-${seq}`,
    message: "an event of the usual length",
    payload: { id: `tc-${seq}`, title: "a title of the usual length", status: "open", labels: ["a", "b"] },
  };
  return {
    metadata: {
      name: `gc-event-${city}-${String(9_999_999_999 - seq).padStart(10, "0")}`,
      labels: {
        "app.kubernetes.io/managed-by": "gascity",
        "gc/component": "event",
        "gc/city": city,
        "gc/type": event.type,
        "gc/actor": event.actor,
      },
      annotations: { "gc/record-id": crypto.randomUUID() },
    },
    data: { event: JSON.stringify(event) },
  };
}

/** API path of the namespace's ConfigMaps. */
export function configMaps(place: Place): string {
  return `/api/v1/namespaces/${place.namespace}/configmaps`;
}

/** Makes the log, once for all rows of a run. */
export async function seedEvents(place: Place): Promise<void> {
  const selector = `${configMaps(place)}?${new URLSearchParams({ labelSelector: `gc/city=${SEEDED_CITY}`, limit: "1" })}`;
  const { items } = (await place.api.request<{ items: object[] }>("GET", selector)) ?? { items: [] };
  if (items.length > 0) return;
  let next = 1;
  const makeSome = async () => {
    for (let seq = next++; seq <= RETAINED; seq = next++) {
      const { server, ca, cert, key } = place.api;
      const init = { method: "POST", body: JSON.stringify(eventObject(SEEDED_CITY, seq)), tls: { ca, cert, key } };
      const answer = await fetch(server + configMaps(place), {
        ...init,
        headers: { "Content-Type": "application/json" },
      } as BunFetchRequestInit);
      must(answer.status === 201, `event ${seq} was answered with ${answer.status}`);
      await answer.text();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, makeSome));
}
