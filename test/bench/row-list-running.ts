import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must } from "./run-process.ts";
import { awaitRunning, type PodObject, podGone, SLEEPER, sessionPod } from "./session.ts";

const LIVE = 10;
const ALL = 50;
const METADATA_ONLY = "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** `list-running` with many sessions beside curl with the same request. */
export async function listRunningContest(place: Place): Promise<Contest> {
  const live = await Promise.all(Array.from({ length: LIVE }, (_, index) => startBeside(place, sessionName(index))));
  const [model] = live;
  must(model !== undefined, "there is no live session");
  const copies: string[] = [];
  for (let index = LIVE; index < ALL; index++) copies.push(await copySession(place, model, sessionName(index)));
  const expected = Array.from({ length: ALL }, (_, index) => sessionName(index)).toSorted();
  const selectors = { labelSelector: `app=gc-agent,gc-city=${place.city}`, fieldSelector: "status.phase=Running" };
  const url = `${place.pods()}?${new URLSearchParams({ ...selectors, limit: "500" })}`;
  const { items } = (await place.api.request<{ items: object[] }>("GET", url)) ?? { items: [] };
  must(items.length === ALL, `the list holds ${items.length} pods, not ${ALL}`);
  const size = place.curl(url, "-H", METADATA_ONLY).bytes;
  return {
    async ours() {
      const { ms, stdout } = place.ours(["list-running", ""]);
      const names = stdout.trimEnd().split("\n").toSorted();
      must(Bun.deepEquals(names, expected), `list-running printed ${names.length} names: ${names.join(", ")}`);
      return { ms };
    },
    theirs: {
      async curl() {
        const { ms, status, bytes } = place.curl(url, "-H", METADATA_ONLY);
        must(status === 200 && Math.abs(bytes - size) < size / 50, `curl got ${status} with ${bytes} of ${size} bytes`);
        return { ms };
      },
    },
    async close() {
      for (const name of copies) await place.api.request("DELETE", place.pods(name), { gracePeriodSeconds: 0 });
      for (const { metadata } of live)
        await place.api.request("DELETE", place.pods(metadata.name), { gracePeriodSeconds: 1 });
      for (const { metadata } of live) await podGone(place, metadata.name);
    },
  };
}

function sessionName(index: number): string {
  return `listed-${String(index).padStart(2, "0")}`;
}

/** Starts a session while others start. */
async function startBeside(place: Place, session: string): Promise<PodObject> {
  const { command, env } = place.ourCommand(["start", session]);
  const stdin = new Blob([JSON.stringify(SLEEPER)]);
  const exit = await Bun.spawn(command, { env, stdin, stdout: "ignore", stderr: "inherit" }).exited;
  must(exit === 0, `start of "${session}" ended with ${exit}`);
  awaitRunning(place, session);
  return sessionPod(place, session);
}

/** Makes the object of one more running session: the model's, under another name, on no node. */
async function copySession(place: Place, model: PodObject, session: string): Promise<string> {
  const { labels, annotations } = model.metadata;
  const name = `gc-${session}`;
  const { nodeName: _, ...spec } = model.spec;
  await place.api.request("POST", place.pods(), {
    metadata: {
      name,
      labels: { ...labels, "gc-session": session },
      annotations: { ...annotations, "gc-session-name": session },
    },
    spec: { ...spec, schedulerName: "none" },
  });
  await place.api.request("PATCH", `${place.pods(name)}/status`, { status: model.status });
  return name;
}
