import { expect } from "bun:test";
import { answering, calling, doingNothing, failing, printing } from "../conformance/broken.ts";
import { beadRules, type Store } from "./bead-rules.ts";

/** One dependency as `dep-list` prints it. */
interface Edge {
  issue_id: string;
  depends_on_id: string;
  type: string;
}

async function edges(store: Store, id: string, direction: "up" | "down"): Promise<Edge[]> {
  return JSON.parse(await store.ok("dep-list", [id, direction])) as Edge[];
}

/** Which of the beads are ready. */
async function ready(store: Store, ids: string[], ...flags: string[]): Promise<string[]> {
  return (await store.beads("ready", ...flags)).map(({ id }) => id).filter((id) => ids.includes(id));
}

beadRules("dependencies", [
  {
    title: "dep-add makes one edge, seen from both ends; again it is still one, and with another type it changes",
    async check(store) {
      const [one, other] = [(await store.create()).id, (await store.create()).id];
      await store.ok("dep-add", [one, other, "depends-on"]);
      for (const type of ["blocks", "blocks", "tracks", "waits-for", "conditional-blocks", "related"]) {
        await store.ok("dep-add", [one, other, type]);
        expect(await edges(store, one, "down")).toEqual([{ issue_id: one, depends_on_id: other, type }]);
      }
      expect(await edges(store, other, "up")).toEqual([{ issue_id: one, depends_on_id: other, type: "related" }]);
      expect(await edges(store, one, "up")).toEqual([]);
    },
    broken: calling("dep-add", (call) => ({ ...call, args: [...call.args.slice(0, 2), "blocks"] })),
    timeoutMs: 120_000,
  },
  {
    title: "dep-remove removes one edge, and none that is not there, of whatever bead",
    async check(store) {
      const [one, other] = [(await store.create()).id, (await store.create()).id];
      await store.ok("dep-add", [one, other, "blocks"]);
      await store.ok("dep-remove", [one, other]);
      expect(await edges(store, one, "down")).toEqual([]);
      await store.ok("dep-remove", [one, other]);
      await store.ok("dep-remove", [one, "tc-nope1"]);
      await store.ok("dep-remove", ["clerk", "a,b"]);
    },
    broken: doingNothing("dep-remove"),
  },
  {
    title: "dep-list of a bead that is not there is empty; a direction that is none is an error",
    async check(store) {
      for (const direction of ["up", "down"] as const) {
        expect(await edges(store, "tc-nope1", direction)).toEqual([]);
        expect(await edges(store, "rig/worker", direction)).toEqual([]);
      }
      await store.refused("dep-list", ["tc-nope1", "sideways"]);
    },
    broken: failing("dep-list"),
  },
  {
    title: "an edge that cannot be is refused: to a bead that is not there, to itself, in a circle, of an unknown type",
    async check(store) {
      const [one, other] = [(await store.create()).id, (await store.create()).id];
      await store.ok("dep-add", [one, other, "blocks"]);
      for (const [from, to, type] of [
        [one, one, "blocks"],
        [other, one, "blocks"],
        [one, other, "no-such-type"],
        [one, other, "--help"],
      ])
        await store.refused("dep-add", [from, to, type] as string[]);
      const child = (await store.create({ parent_id: one })).id;
      expect(await store.refused("dep-add", [child, one, "blocks"])).toContain("blocked by its ancestor");
      for (const target of ["tc-nope1", "zz-nope", "clerk", "external:project:capability", "tc-9:x", 'tc-"9'])
        expect(await store.refused("dep-add", [one, target, "blocks"])).toContain(`there is no bead "${target}"`);
      expect(await edges(store, one, "down")).toEqual([{ issue_id: one, depends_on_id: other, type: "blocks" }]);
      expect((await store.get(child)).parent_id).toBe(one);
    },
    broken: doingNothing("dep-add"),
  },
  {
    title: "the calls of a formula: parent-child edges after parent_id are no second edge (B5)",
    async check(store) {
      const root = (await store.create({ type: "molecule" })).id;
      const step = (await store.create({ type: "step", parent_id: root })).id;
      await store.ok("dep-add", [step, root, "parent-child"]);
      expect(await edges(store, step, "down")).toEqual([{ issue_id: step, depends_on_id: root, type: "parent-child" }]);
      expect(await edges(store, root, "up")).toHaveLength(1);
      expect((await store.get(step)).parent_id).toBe(root);
    },
    broken: failing("dep-add"),
  },
  {
    title: "edges join beads of all tiers",
    async check(store) {
      const task = (await store.create()).id;
      const wisp = (await store.create({ ephemeral: true })).id;
      const none = (await store.create({ no_history: true, needs: [task, wisp, task] })).id;
      expect((await edges(store, none, "down")).map(({ depends_on_id }) => depends_on_id).sort()).toEqual(
        [task, wisp].sort(),
      );
      expect(await edges(store, wisp, "up")).toEqual([{ issue_id: none, depends_on_id: wisp, type: "blocks" }]);
    },
    broken: answering("dep-list", () => "[]\n"),
  },
]);

beadRules("ready", [
  {
    title: "has open beads (23, 32), urgent ones first, then in the order of their making",
    async check(store) {
      const late = (await store.create({ priority: 3 })).id;
      const usual = (await store.create()).id;
      const urgent = (await store.create({ priority: 0 })).id;
      const second = (await store.create()).id;
      const all = [late, usual, urgent, second];
      expect(await ready(store, all)).toEqual([urgent, usual, second, late]);
      await store.update(usual, { status: "in_progress" });
      await store.ok("close", [urgent]);
      expect(await ready(store, all)).toEqual([second, late]);
    },
    broken: printing("ready", (stdout) => JSON.stringify((JSON.parse(stdout) as unknown[]).reverse())),
  },
  {
    title: "leaves out what an open bead blocks, by each type that blocks, until that is closed",
    async check(store) {
      const blocker = (await store.create()).id;
      const blocked: string[] = [];
      for (const type of ["blocks", "waits-for", "conditional-blocks"])
        blocked.push((await store.create({ needs: [`${type}:${blocker}`] })).id);
      const tracking = (await store.create({ needs: [`tracks:${blocker}`] })).id;
      const kid = (await store.create({ parent_id: blocked[1] ?? "" })).id;
      const grandchild = (await store.create({ parent_id: kid })).id;
      const all = [...blocked, tracking, kid, grandchild];
      expect(await ready(store, all)).toEqual([tracking]);
      await store.ok("close", [blocker]);
      expect((await ready(store, all)).sort()).toEqual([...all].sort());
      await store.ok("reopen", [blocker]);
      expect(await ready(store, all)).toEqual([tracking]);
      await store.ok("dep-remove", [blocked[0] ?? "", blocker]);
      expect(await ready(store, all)).toEqual([blocked[0] ?? "", tracking]);
    },
    broken: calling("create", (call) => ({ ...call, stdin: String(call.stdin).replace("waits-for:", "tracks:") })),
    timeoutMs: 120_000,
  },
  {
    title: "leaves out what is deferred into the future, with its children, and has it again afterwards",
    async check(store) {
      const soon = new Date(Date.now() + 15_000).toISOString();
      const later = (await store.create({ defer_until: "2035-01-01T00:00:00Z" })).id;
      const now = (await store.create({ defer_until: soon })).id;
      const past = (await store.create({ defer_until: "2020-01-01T00:00:00Z" })).id;
      const kid = (await store.create({ parent_id: later })).id;
      expect(await ready(store, [later, past, kid])).toEqual([past]);
      await Bun.sleep(Math.max(0, Date.parse(soon) + 1_500 - Date.now()));
      expect(await ready(store, [later, now, past, kid])).toEqual([now, past]);
    },
    broken: calling("create", (call) => ({ ...call, stdin: String(call.stdin).replace("2035", "2019") })),
  },
  {
    title: "has ephemeral beads when they are asked for, those without history always, and infrastructure never (33)",
    async check(store) {
      const wisp = (await store.create({ ephemeral: true })).id;
      const none = (await store.create({ no_history: true })).id;
      const hidden: string[] = [];
      for (const type of ["molecule", "message", "gate", "merge-request", "agent", "role", "rig"])
        hidden.push((await store.create({ type })).id);
      expect(await ready(store, [wisp, none, ...hidden])).toEqual([none]);
      expect(await ready(store, [wisp, none, ...hidden], "--include-ephemeral")).toEqual([wisp, none]);
      await store.refused("ready", ["--limit=3"]);
      await store.refused("ready", ["--include-ephemeral", "x"]);
    },
    broken: answering("ready", () => "[]\n"),
    timeoutMs: 120_000,
  },
]);
