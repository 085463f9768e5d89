import { expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calls, listing, numbering, recording, watching } from "./broken.ts";
import { eventRules, type Log } from "./rules.ts";

const seqs = (events: { seq: number }[]) => events.map(({ seq }) => seq);

/** Requests that each operation sends, as its own log tells. */
async function requestsOf(act: (env: Record<string, string>) => Promise<unknown>): Promise<number[]> {
  const scratch = mkdtempSync(join(tmpdir(), "events-log-"));
  try {
    const file = join(scratch, "log");
    await act({ GC_K8S_LOG: file });
    const lines = readFileSync(file, "utf8").trim().split("\n");
    return lines.map((line) => (JSON.parse(line) as { requests: number }).requests);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Changes an event's ConfigMap by hand. */
function spoil({ kubectl, city }: Log, seq: number, event: string): void {
  const name = `gc-event-${city}-${String(9_999_999_999 - seq).padStart(10, "0")}`;
  kubectl("patch", "configmap", name, "--type=merge", "-p", JSON.stringify({ data: { event } }));
}

eventRules("faults of upstream's script that are none of ours", [
  {
    title: "2: the number that latest-seq names can be read, at any time while others record",
    async check({ record, latest, list }) {
      const writers = Promise.all(
        [1, 2, 3].map(async () => {
          for (let at = 0; at < 4; at++) await record();
        }),
      );
      for (let look = 0; look < 6; look++) {
        const seq = await latest();
        expect(seqs(await list({ AfterSeq: Math.max(0, seq - 1) })).includes(seq) || seq === 0).toBe(true);
      }
      await writers;
      expect(seqs(await list())).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
    },
    broken: numbering((seq) => seq + 5),
  },
  {
    title: "6: times are compared as instants, whatever zone and fraction they are written with",
    async check({ record, call }) {
      for (const ts of ["2025-06-15T12:00:00.5Z", "2025-06-15T14:00:01+02:00", "2025-06-15T11:59:59Z"])
        await record({ ts });
      const since = async (Since: string) => {
        const { stdout } = await call("list", [], JSON.stringify({ Type: "", Actor: "", Since, AfterSeq: 0 }));
        return seqs(JSON.parse(stdout) as { seq: number }[]);
      };
      expect(await since("2025-06-15T12:00:00Z")).toEqual([1, 2]);
      expect(await since("2025-06-15T13:00:00.500+01:00")).toEqual([1, 2]);
      expect(await since("2025-06-15T12:00:00.500000001Z")).toEqual([2]);
    },
    broken: listing((events, filter) => events.filter(({ ts }) => ts >= String((filter as { Since: string }).Since))),
  },
  {
    title: "7: types and actors that no label can hold are recorded and found, and none is taken for another",
    async check({ record, list }) {
      const names = ["ends_", "-begins", "a/b", "a b", "a_b", "日本", "東京", "x".repeat(70), `${"x".repeat(63)}y`, ""];
      for (const name of names) await record({ type: name || "t", actor: name });
      for (const name of names.filter((each) => each !== "")) {
        expect((await list({ Type: name })).map(({ type }) => type)).toEqual([name]);
        expect((await list({ Actor: name })).map(({ actor }) => actor)).toEqual([name]);
      }
      expect(await list()).toHaveLength(names.length);
    },
    broken: recording((event) => ({ ...event, type: event.type?.replace(/\W/g, "_") })),
    timeoutMs: 60_000,
  },
  {
    title: "8: a ConfigMap that was spoilt by hand hides no other event, in list and in watch",
    async check(log) {
      for (let at = 0; at < 3; at++) await log.record();
      for (const event of ["{", "null", '{"seq":7}']) {
        spoil(log, 2, event);
        expect(seqs(await log.list())).toEqual([1, 3]);
        expect(seqs(await log.events(log.watch(0), 2))).toEqual([1, 3]);
      }
      expect(await log.latest()).toBe(3);
    },
    broken: listing((events) => events.slice(0, 1)),
  },
  {
    title: "10: record is two requests, latest-seq one, and list reads back to its number and no farther",
    async check({ record, latest, list }) {
      await record();
      const counted = await requestsOf(async (env) => {
        await record({}, env);
        await latest(env);
        await list({ AfterSeq: 1 }, env);
      });
      expect(counted).toEqual([2, 1, 1]);
    },
    broken: calls((real) => async (call) => {
      if (call.op === "record") await real({ ...call, op: "latest-seq" });
      return real(call);
    }),
  },
  {
    title: "9: two cities of a namespace have logs of their own",
    async check({ record, latest, list, watch, events, city }) {
      const other = { GC_K8S_CITY: `${city}.Other` };
      const watchers = [watch(0), watch(0, other)];
      await record({ message: "one" });
      await record({ message: "two" }, other);
      await record({ message: "three" }, other);
      expect((await list()).map(({ message }) => message)).toEqual(["one"]);
      expect((await list({}, other)).map(({ message }) => message)).toEqual(["two", "three"]);
      expect([await latest(), await latest(other)]).toEqual([1, 2]);
      const [first, second] = watchers;
      if (first && second) {
        expect((await events(second, 2)).map(({ message }) => message)).toEqual(["two", "three"]);
        expect((await events(first, 1)).map(({ message }) => message)).toEqual(["one"]);
      }
    },
    broken: watching((lines) => [...lines, '{"seq":2,"message":"leaked"}']),
  },
]);
