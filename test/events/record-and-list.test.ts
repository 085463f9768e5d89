import { expect } from "bun:test";
import { doingNothing } from "../conformance/broken.ts";
import { calls, listing, recording } from "./broken.ts";
import type { Event } from "./gc-events.ts";
import { eventRules, type Log } from "./rules.ts";

const EVERYTHING: Partial<Event> = {
  type: "bead.updated",
  ts: "2025-06-15T12:00:00.123456789+02:00",
  actor: "controller",
  subject: "tc-1",
  message: "a <b> & 'c' \"d\" \\ é 日 😀\n\ttwo lines\u0000\u2028",
  run_id: "run-1",
  session_id: "tc-2",
  step_id: "step-3",
  payload: { id: "tc-1", nested: [1, 2.5, null, { deep: true }], text: "x" },
  depends_on_step_ids: ["a", "b"],
};
const PAST = "2025-06-15T12:00:00Z";
const BOUND = "2025-06-15T12:00:01Z";

/** Events of several types and actors. */
async function recordMixed({ record }: Log): Promise<void> {
  for (const [type, actor, subject] of [
    ["a", "x", "s1"],
    ["b", "x", "s2"],
    ["a", "y", "s2"],
    ["a", "x", "s2"],
    ["a", "x", "s2"],
  ] as const)
    await record({ type, actor, subject, ts: PAST });
}

const seqs = (events: Event[]) => events.map(({ seq }) => seq);

eventRules("record and list", [
  {
    title: "type, actor, subject and message come back",
    async check({ record, list }) {
      const event = { type: "bead.created", actor: "human", subject: "tc-1", message: "hello" };
      await record(event);
      expect(await list()).toMatchObject([event]);
    },
    broken: recording(({ message: _, ...rest }) => rest),
  },
  {
    title: "each event gets a number, and a later one a higher number",
    async check({ record, list }) {
      await record();
      await record();
      const [first, second] = seqs(await list());
      expect(first).toBeGreaterThan(0);
      expect(second).toBeGreaterThan(first ?? 0);
    },
    broken: listing((events) => events.map((event) => ({ ...event, seq: 1 }))),
  },
  {
    title: "an unset time becomes now, with a fraction of the second",
    async check({ record, list }) {
      for (let at = 0; at < 3; at++) await record();
      const times = (await list()).map(({ ts }) => ts);
      for (const ts of times) expect(Math.abs(Date.parse(ts) - Date.now())).toBeLessThan(10_000);
      expect(times.some((ts) => Date.parse(ts) % 1000 !== 0)).toBe(true);
    },
    broken: listing((events) => events.map((event) => ({ ...event, ts: event.ts.replace(/\.\d+/, "") }))),
  },
  {
    title: "a time that is given stays, to the last digit and in its zone",
    async check({ record, list }) {
      const times = [PAST, "2025-06-15T12:00:00.123456789+02:00", "1999-12-31T23:59:59.9Z"];
      for (const ts of times) await record({ ts });
      expect((await list()).map(({ ts }) => ts)).toEqual(times);
    },
    broken: recording((event) => ({ ...event, ts: "0001-01-01T00:00:00Z" })),
  },
  {
    title: "every field comes back as it was",
    async check({ record, list }) {
      await record(EVERYTHING);
      expect(await list()).toEqual([{ ...EVERYTHING, seq: 1 } as Event]);
    },
    broken: recording(({ step_id: _, ...rest }) => rest),
  },
  {
    title: "several events come back in the order of their recording",
    async check({ record, list }) {
      for (const message of ["one", "two", "three"]) await record({ message });
      expect((await list()).map(({ message }) => message)).toEqual(["one", "two", "three"]);
    },
    broken: listing((events) => events.toReversed()),
  },
  {
    title: "a filter that is empty lists everything",
    async check(log) {
      await recordMixed(log);
      expect(await log.list({})).toHaveLength(5);
    },
    broken: listing((events) => events.slice(1)),
  },
  ...filterRules(),
  {
    title: "an empty log lists as no events",
    async check({ list, call }) {
      expect(await list()).toEqual([]);
      expect(JSON.parse((await call("list", [], "{}")).stdout)).toEqual([]);
    },
    broken: listing(() => [{ seq: 1, type: "x", ts: PAST, actor: "" }]),
  },
  {
    title: "record prints nothing",
    async check({ call, list }) {
      expect(await call("record", [], '{"type":"a"}')).toMatchObject({ exit: 0, stdout: "", stderr: "" });
      expect(await list()).toHaveLength(1);
    },
    broken: calls(doingNothing("record")),
  },
]);

/** Cases 8 to 16 of gc's own suite: what gc sends, what it applies itself, and what comes out. */
function filterRules() {
  const dropping = (seq: number) => listing((events) => events.filter((event) => event.seq !== seq));
  const table: [string, Parameters<Log["list"]>[0], number[]][] = [
    ["type", { Type: "b" }, [2]],
    ["actor", { Actor: "y" }, [3]],
    ["number", { AfterSeq: 3 }, [4, 5]],
    ["subject", { Subject: "s1" }, [1]],
    ["limit", { Limit: 2 }, [1, 2]],
    ["all at once", { Type: "a", Actor: "x", Subject: "s2", Since: PAST, Until: BOUND, AfterSeq: 1, Limit: 1 }, [4]],
  ];
  return [
    ...table.map(([name, filter, expected]) => ({
      title: `list by ${name}`,
      async check(log: Log) {
        await recordMixed(log);
        expect(seqs(await log.list(filter))).toEqual(expected);
      },
      broken: dropping(expected[0] ?? 0),
    })),
    {
      title: "list by what no event has is empty",
      async check(log: Log) {
        await recordMixed(log);
        expect(await log.list({ Type: "none" })).toEqual([]);
        expect(await log.list({ AfterSeq: 5 })).toEqual([]);
      },
      broken: listing((events) => (events.length > 0 ? events : [{ seq: 9, type: "none", ts: PAST, actor: "" }])),
    },
    {
      title: "list from a time on",
      async check({ record, list }: Log) {
        await record({ ts: PAST });
        await record();
        expect(seqs(await list({ Since: new Date(Date.now() - 60_000).toISOString() }))).toEqual([2]);
        expect(seqs(await list({ Since: PAST }))).toEqual([1, 2]);
      },
      broken: dropping(2),
    },
    {
      title: "list up to a time, that time included",
      async check({ record, list }: Log) {
        await record({ ts: PAST });
        await record({ ts: BOUND });
        await record();
        expect(seqs(await list({ Until: BOUND }))).toEqual([1, 2]);
      },
      broken: dropping(2),
    },
  ];
}
