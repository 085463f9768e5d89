import { expect } from "bun:test";
import { listing, numbering, recording, watchingFrom } from "./broken.ts";
import { eventRules, type Log } from "./rules.ts";

/** ConfigMaps as upstream's script makes them: a counter, and events under their numbers. */
function upstreamLayout(seqs: number[], counter: number | undefined): object[] {
  const labels = (component: string) => ({ "app.kubernetes.io/managed-by": "gascity", "gc/component": component });
  const events = seqs.map((seq) => ({
    name: `gc-evt-${String(seq).padStart(10, "0")}`,
    labels: { ...labels("event"), "gc/type": "old.event", "gc/actor": "human" },
    data: {
      event: JSON.stringify({
        seq,
        type: "old.event",
        ts: "2026-01-31T12:00:00Z",
        actor: "human",
        message: `old ${seq}`,
      }),
    },
  }));
  const counters =
    counter === undefined
      ? []
      : [{ name: "gc-events-seq", labels: labels("event-seq"), data: { seq: String(counter) } }];
  return [...events, ...counters].map(({ name, labels: each, data }) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, labels: each },
    data,
  }));
}

/** Puts an old log into a namespace of its own, and works on it. */
async function withOldLog(
  log: Log,
  { seqs, counter }: { seqs: number[]; counter?: number },
  act: (log: Log, inside: (...args: string[]) => string) => Promise<void>,
): Promise<void> {
  const namespace = `old-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const inside = (...args: string[]) => log.kubectl("-n", namespace, ...args);
  log.kubectl("create", "namespace", namespace);
  const env = { GC_K8S_NAMESPACE: namespace };
  try {
    const file = `/tmp/${namespace}.json`;
    await Bun.write(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: upstreamLayout(seqs, counter) }));
    inside("apply", "-f", file);
    await Bun.file(file).delete();
    await act(
      {
        ...log,
        record: (event) => log.record(event, env),
        list: (filter) => log.list(filter, env),
        latest: () => log.latest(env),
        watch: (after) => log.watch(after, env),
      },
      inside,
    );
  } finally {
    log.kubectl("delete", "namespace", namespace, "--wait=false");
  }
}

const seqs = (events: { seq: number }[]) => events.map(({ seq }) => seq);

eventRules("a log in upstream's layout", [
  {
    title: "an old log is listed, and the next event goes on from its counter",
    check: (log) =>
      withOldLog(log, { seqs: [1, 2, 3], counter: 5 }, async ({ list, latest, record }) => {
        expect(seqs(await list())).toEqual([1, 2, 3]);
        expect(await latest()).toBe(5);
        await record({ type: "new.event" });
        expect(await latest()).toBe(6);
        expect(seqs(await list())).toEqual([1, 2, 3, 6]);
        expect(seqs(await list({ AfterSeq: 2 }))).toEqual([3, 6]);
        expect(seqs(await list({ Type: "old.event" }))).toEqual([1, 2, 3]);
      }),
    broken: listing((events) => events.filter(({ type }) => type !== "old.event")),
  },
  {
    title: "an old log whose counter is missing, or behind, is gone on with after its last event",
    check: async (log) => {
      await withOldLog(log, { seqs: [41, 42] }, async ({ latest, record, list }) => {
        expect(await latest()).toBe(42);
        await record();
        expect(seqs(await list())).toEqual([41, 42, 43]);
      });
      await withOldLog(log, { seqs: [41, 42], counter: 1 }, async ({ latest }) => expect(await latest()).toBe(42));
    },
    broken: numbering(() => 0),
  },
  {
    title: "an old log of which all events were removed is gone on with after its counter",
    check: (log) =>
      withOldLog(log, { seqs: [], counter: 500 }, async ({ latest, record, list }) => {
        expect(await latest()).toBe(500);
        expect(await list()).toEqual([]);
        await record();
        expect(seqs(await list())).toEqual([501]);
      }),
    broken: numbering((seq) => (seq === 500 ? 0 : seq)),
  },
  {
    title: "watch replays an old log and then follows ours",
    check: (log) =>
      withOldLog(log, { seqs: [1, 2, 3], counter: 3 }, async ({ watch, record, events }) => {
        const watcher = watch(1);
        expect(seqs(await events(watcher, 2))).toEqual([2, 3]);
        await record();
        await record();
        expect(seqs(await events(watcher, 4))).toEqual([2, 3, 4, 5]);
      }),
    broken: watchingFrom(() => 0),
  },
  {
    title: "upstream's reader finds our events by its labels, in data.event",
    check: async ({ record, kubectl, city }) => {
      for (const type of ["bead.closed", "odd type/_"]) await record({ type, actor: "me" });
      const selector = `gc/component=event,app.kubernetes.io/managed-by=gascity,gc/actor=me,gc/city=${city}`;
      const read = (more: string) => {
        const answer = kubectl("get", "configmaps", "-l", selector + more, "-o", "json");
        const { items } = JSON.parse(answer) as { items: { data: { event: string } }[] };
        return items
          .map(({ data }) => JSON.parse(data.event) as { seq: number; type: string })
          .sort((a, b) => a.seq - b.seq);
      };
      expect(read("")).toMatchObject([
        { seq: 1, type: "bead.closed" },
        { seq: 2, type: "odd type/_" },
      ]);
      expect(seqs(read(",gc/type=bead.closed"))).toEqual([1]);
    },
    broken: recording((event) => ({ ...event, actor: "you" })),
  },
]);
