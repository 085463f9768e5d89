import { expect } from "bun:test";
import { until } from "../conformance/until.ts";
import { watching, watchingFrom } from "./broken.ts";
import type { Event } from "./gc-events.ts";
import { eventRules, type Log } from "./rules.ts";

const seqs = (events: Event[]) => events.map(({ seq }) => seq);

async function recordSome({ record }: Log, count: number): Promise<void> {
  for (let at = 0; at < count; at++) await record({ message: `m${at}` });
}

/** What comes too often comes at once, so a moment shows that nothing more does. */
async function settled(watcher: { lines: string[] }, count: number): Promise<Event[]> {
  await until(() => watcher.lines.length >= count, 15_000);
  await Bun.sleep(300);
  return watcher.lines.map((line) => JSON.parse(line) as Event);
}

eventRules("watch", [
  {
    title: "watch from 0 has the events that were recorded before",
    async check(log) {
      await recordSome(log, 2);
      expect(await log.events(log.watch(0), 2)).toEqual(await log.list());
    },
    broken: watchingFrom(() => 1),
  },
  {
    title: "watch has the events that are recorded meanwhile",
    async check(log) {
      const watcher = log.watch(0);
      await recordSome(log, 1);
      expect((await settled(watcher, 1)).map(({ message }) => message)).toEqual(["m0"]);
      await recordSome(log, 2);
      expect(seqs(await settled(watcher, 3))).toEqual([1, 2, 3]);
    },
    broken: watching((lines) => lines.slice(0, 1)),
  },
  {
    title: "watch has none up to its number",
    async check(log) {
      await recordSome(log, 3);
      const watcher = log.watch(await log.latest());
      await recordSome(log, 1);
      expect(seqs(await settled(watcher, 1))).toEqual([4]);
    },
    broken: watchingFrom((after) => after - 1),
  },
  {
    title: "watch replays what is retained after its number, in order",
    async check(log) {
      await recordSome(log, 5);
      const began = performance.now();
      expect(seqs(await settled(log.watch(2), 3))).toEqual([3, 4, 5]);
      expect(performance.now() - began).toBeLessThan(10_000);
    },
    broken: watching((lines) => lines.toReversed()),
  },
  {
    title: "history and live events meet without a gap or a repetition, however they fall",
    async check(log) {
      const recording = recordSome(log, 12);
      const watchers = [];
      for (let at = 0; at < 4; at++) {
        watchers.push(log.watch(0));
        await Bun.sleep(60);
      }
      await recording;
      for (const watcher of watchers)
        expect(seqs(await settled(watcher, 12))).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
    },
    broken: watching((lines) => lines.flatMap((line, at) => (at === 5 ? [line, line] : [line]))),
  },
  {
    title: "an event that is too long for a line of gc's is marked in watch and whole in list",
    async check(log) {
      const payload = { text: "x".repeat(200_000) };
      await log.record({ type: "bead.updated", subject: "s", payload });
      await log.record({ type: "after" });
      const watchers = [log.watch(0), log.watch(0)];
      await recordSome(log, 1);
      for (const watcher of watchers) {
        const [long, after] = await log.events(watcher, 3);
        expect(long).toMatchObject({ seq: 1, type: "bead.updated", subject: "s", payload: { truncated: true } });
        expect(after).toMatchObject({ seq: 2, type: "after" });
        for (const line of watcher.lines) expect(Buffer.byteLength(line) + 1).toBeLessThan(65_536);
      }
      expect((await log.list())[0]?.payload).toEqual(payload);
    },
    broken: watching((lines) =>
      lines.map((line) => (line.includes("truncated") ? `${line}${" ".repeat(70_000)}` : line)),
    ),
  },
  {
    title: "watch of a number that is none is refused at once",
    async check({ call }) {
      for (const args of [[], ["-1"], ["x"], ["1.5"]]) {
        const { exit, stdout, stderr } = await call("watch", args);
        expect([exit, stdout]).toEqual([1, ""]);
        expect(stderr).toMatch(/^watch: Cannot use the number to watch from "[^"]*": it must be a whole number\n$/);
      }
    },
    broken: (real) => ({ ...real, call: async (call) => ({ ...(await real.call(call)), exit: 0 }) }),
  },
]);
