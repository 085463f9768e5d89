import { expect } from "bun:test";
import { doingNothing, printing } from "../conformance/broken.ts";
import { calls, recording } from "./broken.ts";
import { eventRules, type Log } from "./rules.ts";

/** The text of the log's only event, as `list` prints it. */
async function onlyText({ call }: Log): Promise<string> {
  return (await call("list", [], "{}")).stdout.trim().slice(1, -1);
}

async function recordText({ call }: Log, text: string): Promise<void> {
  expect(await call("record", [], text)).toMatchObject({ exit: 0, stderr: "" });
}

const MEBIBYTE = 1024 * 1024;
const sized = (bytes: number) => {
  const event = (payload: string) => JSON.stringify({ type: "big", ts: "2025-06-15T12:00:00Z", actor: "a", payload });
  // Stored under a number of ten digits it has `"seq":9999999999,` more.
  return event("x".repeat(bytes - event("").length - 17));
};

eventRules("nothing of an event is lost", [
  {
    title: "unknown members, their order, and numbers of any size are kept to the letter",
    async check(log) {
      const rest =
        '"type":"a","ts":"2025-06-15T12:00:00Z","actor":"","new":{"2":1,"1":2},"n":[12345678901234567890,1.0,1e400]';
      await recordText(log, `{"seq":0,${rest}}`);
      expect(await onlyText(log)).toBe(`{"seq":1,${rest}}`);
    },
    broken: recording((event) => event),
  },
  {
    title: "what is absent stays absent, and what is empty stays empty",
    async check(log) {
      await log.record({ depends_on_step_ids: [] });
      await log.record({ payload: null, message: "" });
      const [root, other] = await log.list();
      expect(root).toHaveProperty("depends_on_step_ids", []);
      expect(Object.keys(root ?? {}).sort()).toEqual(["actor", "depends_on_step_ids", "seq", "ts", "type"]);
      expect(other).toMatchObject({ payload: null, message: "" });
      expect(other).not.toHaveProperty("depends_on_step_ids");
    },
    broken: recording(({ depends_on_step_ids: _, ...rest }) => rest),
  },
  {
    title: "an event that is written on several lines is one line of watch",
    async check(log) {
      await recordText(log, JSON.stringify({ type: "a", payload: { text: "a\nb" } }, null, 2));
      const watcher = log.watch(0);
      expect(await log.events(watcher, 1)).toMatchObject([{ seq: 1, payload: { text: "a\nb" } }]);
    },
    broken: calls(doingNothing("record")),
  },
  {
    title: "an event as large as a ConfigMap is recorded and listed whole",
    async check(log) {
      const text = sized(MEBIBYTE);
      await recordText(log, text);
      expect(await onlyText(log)).toBe(`{"seq":1,${text.slice(1)}`);
    },
    broken: calls(printing("list", (stdout) => stdout.slice(0, 500_000))),
  },
  {
    title: "a larger one is refused before a number is taken",
    async check(log) {
      const { exit, stderr } = await log.call("record", [], sized(MEBIBYTE + 1));
      expect(exit).toBe(1);
      expect(stderr).toBe("record: Cannot record the event: it has 1048577 bytes, and a ConfigMap holds 1048576\n");
      expect(await log.latest()).toBe(0);
      await log.record();
      expect(await log.latest()).toBe(1);
    },
    broken: calls(doingNothing("record")),
  },
  {
    title: "an event is stored once, with at most 1.5 KiB over itself",
    async check(log) {
      await log.record({ type: "bead.updated", actor: "controller", subject: "tc-1", payload: { id: "tc-1" } });
      const text = await onlyText(log);
      const stored = log.kubectl(
        "get",
        "configmaps",
        "-l",
        `gc/city=${log.city}`,
        "-o",
        "json",
        "--show-managed-fields",
      );
      const { items } = JSON.parse(stored) as { items: { metadata: { annotations: object }; data: object }[] };
      expect(items).toHaveLength(1);
      expect(JSON.stringify(items[0]).length - text.length).toBeLessThanOrEqual(1536);
      expect(Object.keys(items[0]?.metadata.annotations ?? {})).toEqual(["gc/record-id"]);
      expect(Object.keys(items[0]?.data ?? {})).toEqual(["event"]);
    },
    broken: calls((real) => async (call) => {
      if (call.op === "record") await real(call);
      return real(call);
    }),
  },
]);
