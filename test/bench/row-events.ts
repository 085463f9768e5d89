import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must, type Outcome, runProcess } from "./run-process.ts";
import { configMaps, eventObject, RETAINED, SEEDED_CITY, seedEvents } from "./seed-events.ts";
import { runWeighed } from "./weigh.ts";

const METADATA_ONLY = "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const EVENT = JSON.stringify({ seq: 0, type: "bead.updated", ts: "0001-01-01T00:00:00Z", actor: "controller" });

/** `record` where nobody else does, beside curl's POST of the same object. */
export async function recordContest(place: Place): Promise<Contest> {
  const [{ data }, stdin] = [eventObject("x", 1) as { data: { event: string } }, join(place.scratch, "event.json")];
  let posted = 0;
  return {
    async ours() {
      const { ms } = ours(place, "recorded", ["record"], data.event.replace(/"seq":\d+/, '"seq":0'));
      return { ms };
    },
    theirs: {
      async curl() {
        writeFileSync(stdin, JSON.stringify(eventObject("posted", ++posted)));
        const options = ["-X", "POST", "-H", "Content-Type: application/json", "--data-binary", `@${stdin}`];
        const { ms, status } = place.curl(configMaps(place), ...options);
        must(status === 201, `curl got ${status}`);
        return { ms };
      },
    },
  };
}

/** `latest-seq` of a long log, beside curl with the same request. */
export async function latestSeqContest(place: Place): Promise<Contest> {
  await seedEvents(place);
  const labelSelector = `gc/component=event,gc/city=${SEEDED_CITY}`;
  const url = `${configMaps(place)}?${new URLSearchParams({ labelSelector, limit: "1" })}`;
  return {
    async ours() {
      const { ms, stdout } = ours(place, SEEDED_CITY, ["latest-seq"]);
      must(stdout === `${RETAINED}\n`, `latest-seq printed "${stdout}"`);
      return { ms };
    },
    theirs: {
      async curl() {
        const { ms, status, bytes } = place.curl(url, "-H", METADATA_ONLY);
        must(status === 200 && bytes > 500, `curl got ${status} with ${bytes} bytes`);
        return { ms };
      },
    },
  };
}

/** `list` of a long log from a number on, with its memory. */
export async function listEventsContest(place: Place, afterSeq: number): Promise<Contest> {
  await seedEvents(place);
  const stdin = JSON.stringify({ Type: "", Actor: "", Since: "0001-01-01T00:00:00Z", AfterSeq: afterSeq });
  return {
    async ours() {
      const { ms, MB, stdout } = runWeighed(place.scratch, { ...command(place, SEEDED_CITY, ["list"]), stdin });
      const events = JSON.parse(stdout) as { seq: number }[];
      must(events.length === RETAINED - afterSeq, `list printed ${events.length} events`);
      must(
        events.every(({ seq }, at) => seq === afterSeq + at + 1),
        "list printed its events out of order",
      );
      return { ms, MB };
    },
  };
}

/** Time from an event's own timestamp, which is taken before it is stored, to its line of a `watch`. */
export async function watchContest(place: Place): Promise<Contest> {
  const { command: words, env } = command(place, "watched", ["watch", "0"]);
  const watch = Bun.spawn(words, { env, stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const reader = watch.stdout.getReader();
  return {
    async ours() {
      const call = command(place, "watched", ["record"]);
      const child = Bun.spawn(call.command, { env: call.env, stdin: new Blob([EVENT]), stdout: "ignore" });
      const { value } = await reader.read();
      const writtenAt = Date.now();
      const event = JSON.parse(new TextDecoder().decode(value)) as { ts: string };
      must((await child.exited) === 0, "record failed");
      return { ms: writtenAt - Date.parse(event.ts) };
    },
    async close() {
      watch.kill();
      await watch.exited;
    },
  };
}

function ours(place: Place, city: string, words: string[], stdin?: string): Outcome {
  return runProcess({ ...command(place, city, words), ...(stdin !== undefined && { stdin }) });
}

/** The same executable as all other rows, under the name of the events program. */
function command(place: Place, city: string, words: string[]) {
  const { command: session, env } = place.ourCommand([]);
  const directory = join(place.scratch, "events");
  const path = join(directory, "gc-events-k8s");
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true });
    symlinkSync(session[0] ?? "", path);
  }
  return { command: [path, ...words], env: { ...env, GC_K8S_CITY: city } };
}
