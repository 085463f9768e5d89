import type { GcProcess } from "./gc-process.ts";

const MOST_STOPS_AT_ONCE = 3;

/** `gc session kill`. */
export async function killSession(gc: GcProcess, session: string): Promise<void> {
  await times(4, () => gc.call("is-running", [session]));
  await gc.call("get-last-activity", [session]);
  await gc.declares("");
  await times(2, () => gc.call("is-running", [session]));
  await gc.call("get-last-activity", [session]);
  await times(3, () => gc.call("is-running", [session]));
  await gc.call("stop", [session]);
}

/** `gc stop`: every listed session is stopped, three at a time, and stopped again; returns what is listed at the end. */
export async function stopCity(gc: GcProcess): Promise<string[]> {
  const sessions = await listed(gc);
  const queue = [...sessions];
  const stopSome = async () => {
    for (let session = queue.shift(); session !== undefined; session = queue.shift()) await stopListed(gc, session);
  };
  await Promise.all(Array.from({ length: MOST_STOPS_AT_ONCE }, stopSome));
  const left = await listed(gc);
  for (const session of sessions) {
    if ((await gc.value("is-running", session)) === "true")
      throw new Error(`Cannot stop the city: "${session}" still runs after its stop`);
    await gc.call("stop", [session]);
  }
  return left;
}

/** As recorded for one session, from the first look to its stop. */
async function stopListed(gc: GcProcess, session: string): Promise<void> {
  for (const key of ["GC_DRAIN_ACK", "GC_RESTART_REQUESTED"]) await gc.call("get-meta", [session, key]);
  await times(6, () => gc.call("is-running", [session]));
  await gc.call("get-last-activity", [session]);
  await times(2, () => gc.call("is-running", [session]));
  await gc.call("get-last-activity", [session]);
  await times(3, () => gc.call("is-running", [session]));
  await gc.call("stop", [session]);
}

async function listed(gc: GcProcess): Promise<string[]> {
  return (await gc.value("list-running", "")).split("\n").filter((name) => name !== "");
}

async function times(count: number, action: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await action();
}
