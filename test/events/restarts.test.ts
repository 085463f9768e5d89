import { afterAll, beforeAll, expect, test } from "bun:test";
import { underLoad } from "./load.ts";
import { eventsExecutable } from "./provider.ts";
import { type OwnCluster, ownCluster } from "./restarts.ts";
import { logOf } from "./rules.ts";

let cluster: OwnCluster;
beforeAll(async () => {
  cluster = await ownCluster("test-events");
}, 590_000);
afterAll(() => cluster.down(), 60_000);

let count = 0;
function fresh() {
  const city = `restarts-${++count}`;
  const env = { ...cluster.env, GC_K8S_CITY: city };
  return { city, env, kubectl: cluster.kubectl };
}

const seqs = (events: { seq: number }[]) => events.map(({ seq }) => seq);

test("8 writers × 25 and 4 watchers through a restart of the API server: nothing is lost, nothing comes twice", async () => {
  const place = fresh();
  const meanwhile = async () => {
    await Bun.sleep(1_000);
    await cluster.restartApiServer();
  };
  await underLoad(eventsExecutable(place.env), place, { writers: 8, each: 25, watchers: 4, meanwhile });
}, 180_000);

test("an event that is recorded while there is no API server is recorded when it is back", async () => {
  const place = fresh();
  const log = logOf(eventsExecutable(place.env), place);
  await log.record();
  const watcher = log.watch(0);
  await log.events(watcher, 1);
  let recorded: Promise<void> | undefined;
  await cluster.withoutApiServer(async () => {
    recorded = log.record();
    await Bun.sleep(3_000);
  });
  await recorded;
  expect(seqs(await log.list())).toEqual([1, 2]);
  expect(seqs(await log.events(watcher, 2))).toEqual([1, 2]);
  watcher.kill();
}, 90_000);

test("a watch that stood still through records, a compaction and a restart has every event once", async () => {
  const place = fresh();
  const log = logOf(eventsExecutable(place.env), place);
  for (let at = 0; at < 3; at++) await log.record();
  const watcher = log.watch(1);
  await log.events(watcher, 2);
  process.kill(watcher.pid, "SIGSTOP");
  for (let at = 0; at < 5; at++) await log.record();
  // Its connection holds the events; without the connection only a version that is gone by then is left to it.
  await cluster.restartApiServer();
  for (let at = 0; at < 5; at++) await log.record();
  await cluster.compact();
  await cluster.restartApiServer();
  process.kill(watcher.pid, "SIGCONT");
  await log.record();
  expect(seqs(await log.events(watcher, 13))).toEqual(Array.from({ length: 13 }, (_, at) => at + 2));
  watcher.kill();
}, 180_000);
