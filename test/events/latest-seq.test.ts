import { expect } from "bun:test";
import { answering, doingNothing, failing, swallowing } from "../conformance/broken.ts";
import { calls, numbering } from "./broken.ts";
import { eventRules } from "./rules.ts";

const UNREACHABLE = { KUBECONFIG: `${import.meta.dir}/../conformance/unreachable.kubeconfig` };

eventRules("latest-seq, ensure-running and answers that are none", [
  {
    title: "latest-seq of an empty log is 0",
    async check({ latest }) {
      expect(await latest()).toBe(0);
    },
    broken: numbering((seq) => seq + 1),
  },
  {
    title: "latest-seq is the number of the last event",
    async check({ record, latest, list }) {
      for (let at = 0; at < 3; at++) await record();
      expect(await latest()).toBe((await list()).at(-1)?.seq ?? -1);
    },
    broken: numbering((seq) => seq - 1),
  },
  {
    title: "latest-seq rises with each event and never falls",
    async check({ record, latest }) {
      const seen = [await latest()];
      for (let at = 0; at < 3; at++) {
        await record();
        seen.push(await latest(), await latest());
      }
      expect(seen).toEqual([0, 1, 1, 2, 2, 3, 3]);
    },
    broken: numbering((seq) => Math.min(seq, 2)),
  },
  {
    title: "latest-seq prints one decimal number",
    async check({ record, call }) {
      await record();
      expect((await call("latest-seq")).stdout).toBe("1\n");
    },
    broken: calls(answering("latest-seq", () => "1.0\n")),
  },
  {
    title: "ensure-running is harmless, before and after events",
    async check({ call, record, latest }) {
      expect((await call("ensure-running")).exit).toBeOneOf([0, 2]);
      await record();
      expect((await call("ensure-running")).exit).toBeOneOf([0, 2]);
      expect(await latest()).toBe(1);
    },
    broken: calls(failing("ensure-running")),
  },
  {
    title: "an unknown operation ends with 2 and does nothing",
    async check({ call, latest }) {
      expect(await call("compact")).toMatchObject({ exit: 2, stdout: "" });
      expect(await latest()).toBe(0);
    },
    broken: calls(failing("compact", 1)),
  },
  ...(["record", "list", "latest-seq"] as const).map((op) => ({
    title: `${op} of a cluster that cannot be reached fails and says why in one line`,
    async check({ call }: Parameters<Parameters<typeof eventRules>[1][number]["check"]>[0]) {
      const { exit, stdout, stderr } = await call(op, [], "{}", UNREACHABLE);
      expect([exit, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(new RegExp(`^${op}: [^\\n]+refuses connections[^\\n]+\\n$`));
    },
    broken: calls(op === "list" ? swallowing("list") : doingNothing(op)),
  })),
  ...(["", "[]", "{", "null", '{"type":5}', '{"ts":"soon"}'] as const).map((stdin) => ({
    title: `record of "${stdin.replaceAll('"', "'")}" is refused, and takes no number`,
    async check({ call, latest }: Parameters<Parameters<typeof eventRules>[1][number]["check"]>[0]) {
      const { exit, stderr } = await call("record", [], stdin);
      expect(exit).toBe(1);
      expect(stderr).toMatch(/^record: Cannot record the event: [^\n]+\n$/);
      expect(await latest()).toBe(0);
    },
    broken: calls(doingNothing("record")),
  })),
  {
    title: "list with a filter that is none fails",
    async check({ call }) {
      for (const stdin of ["[]", "{", '{"Since":"soon"}', '{"AfterSeq":-1}'])
        expect((await call("list", [], stdin)).exit).toBe(1);
    },
    broken: calls(swallowing("list")),
  },
]);
