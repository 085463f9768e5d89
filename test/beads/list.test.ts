import { expect } from "bun:test";
import { answering, doingNothing, printing, swallowing } from "../conformance/broken.ts";
import { type Bead, beadRules, unique } from "./bead-rules.ts";

/** Changes the list that an operation prints. */
function listing(op: string, change: (beads: Bead[]) => unknown[]) {
  return printing(op, (stdout) => (stdout ? JSON.stringify(change(JSON.parse(stdout))) : stdout));
}

/** A kubeconfig of an API server that is not there. */
const UNREACHABLE = `${import.meta.dir}/../conformance/unreachable.kubeconfig`;

const ids = (beads: Bead[]) => beads.map(({ id }) => id);

beadRules("list", [
  {
    title: "an empty store has no beads, is ready for nothing, and prints [] (12, 18, 28, 31, 37)",
    isAlone: true,
    async check(store) {
      for (const [op = "", ...args] of [["list"], ["ready"], ["ready", "--include-ephemeral"], ["children", "x-1"]])
        expect(await store.ok(op, args)).toBe("[]\n");
      expect(await store.ok("list-by-label", ["none", "0"])).toBe("[]\n");
      await store.notFound("get", ["nonexistent-999"]);
    },
    broken: doingNothing("list"),
  },
  {
    title:
      "has every bead once (17, 19, 21): closed and ephemeral ones, messages, gates, agents, templates, whole molecules",
    isAlone: true,
    async check(store) {
      const made: string[] = [];
      for (const type of ["task", "message", "gate", "agent", "role", "molecule", "convoy"])
        made.push((await store.create({ type })).id);
      made.push((await store.create({ ephemeral: true })).id, (await store.create({ no_history: true })).id);
      const closed = await store.create();
      await store.ok("close", [closed.id]);
      store.bd("update", made[0] ?? "", "--status=pinned");
      expect(ids(await store.beads("list")).sort()).toEqual([...made, closed.id].sort());
      expect(ids(await store.beads("list", "--status=open")).sort()).toEqual([...made].sort());
      expect(ids(await store.beads("list", "--status=closed"))).toEqual([closed.id]);
      expect((await store.beads("list", "--limit=1")).length).toBe(made.length + 1);
    },
    broken: listing("list", (beads) => beads.filter(({ type }) => type !== "message")),
    timeoutMs: 150_000,
  },
  {
    title: "is newest first, children oldest first, by parts of a second (29)",
    async check(store) {
      const [root, label] = [await store.create({ type: "molecule" }), unique("order")];
      const made: string[] = [];
      for (let i = 0; i < 4; i++) made.push((await store.create({ parent_id: root.id, labels: [label] })).id);
      expect(ids(await store.beads("children", root.id))).toEqual(made);
      expect(ids(await store.beads("list-by-label", label, "0"))).toEqual(made.toReversed());
      expect(ids(await store.beads("list")).filter((id) => made.includes(id))).toEqual(made.toReversed());
    },
    broken: listing("children", (beads) => beads.toSorted((one, other) => (one.id < other.id ? 1 : -1))),
  },
  {
    title: "filters by status, assignee and type, all at once, and its rows have what gc filters by itself (22)",
    async check(store) {
      const assignee = unique("who");
      const one = await store.create({ assignee, type: "bug" });
      await store.create({ assignee, type: "task" });
      const other = await store.create({ assignee, type: "bug" });
      await store.update(other.id, { status: "in_progress" });
      // What else gc's query asks for it finds in the rows: of four beads one has all of it.
      const parent = await store.create();
      const all = { assignee: unique("full"), type: "bug", labels: ["l"], parent_id: parent.id, metadata: { k: "v" } };
      const whole = await store.create(all);
      for (const part of [{ labels: ["other"] }, { parent_id: "" }, { metadata: { k: "w" } }])
        await store.create({ ...all, ...part });
      const rows = await store.beads("list", `--assignee=${all.assignee}`, "--type=bug");
      expect(rows).toHaveLength(4);
      const isWhole = (bead: Bead) =>
        bead.labels?.includes("l") && bead.parent_id === parent.id && bead.metadata?.["k"] === "v";
      expect(ids(rows.filter(isWhole))).toEqual([whole.id]);
      const flags = (status: string) => [`--status=${status}`, `--assignee=${assignee}`, "--type=bug"];
      expect(ids(await store.beads("list", ...flags("open")))).toEqual([one.id]);
      expect(ids(await store.beads("list", ...flags("in_progress")))).toEqual([other.id]);
      expect(await store.beads("list", `--assignee=${assignee}x`)).toEqual([]);
      await store.refused("list", ["--status=nope"]);
      await store.refused("list", ["--colour=red"]);
    },
    broken: listing("list", (beads) => beads.slice(1)),
    timeoutMs: 150_000,
  },
  {
    title: "every status of bd's that gc has no word for reads as open",
    async check(store) {
      const assignee = unique("who");
      for (const status of ["blocked", "deferred", "hooked", "pinned"]) {
        const { id } = await store.create({ assignee });
        store.bd("update", id, `--status=${status}`);
        expect((await store.get(id)).status).toBe("open");
      }
      expect(await store.beads("list", "--status=open", `--assignee=${assignee}`)).toHaveLength(4);
    },
    broken: printing("get", (stdout) => stdout.replace('"open"', '"blocked"')),
  },
  {
    title: "children has those of the parent alone (30), closed ones too, and none of one that is not there (28)",
    async check(store) {
      const [one, other] = [await store.create(), await store.create()];
      const kid = await store.create({ parent_id: one.id, ephemeral: true });
      await store.ok("close", [kid.id]);
      expect(ids(await store.beads("children", one.id))).toEqual([kid.id]);
      expect(await store.beads("children", other.id)).toEqual([]);
      expect(await store.beads("children", "nonexistent-999")).toEqual([]);
      expect(await store.beads("children", one.id.slice(0, -1))).toEqual([]);
    },
    broken: answering("children", () => "[]\n"),
  },
  {
    title: "list-by-label has every bead of the label (34, 36, 41), with its tier, and no other (35)",
    async check(store) {
      const label = unique("order-run:a,b");
      const history = await store.create({ labels: [label, "x"] });
      const none = await store.create({ labels: [label], no_history: true });
      const wisp = await store.create({ labels: [label], ephemeral: true });
      await store.create({ labels: [`${label}2`] });
      await store.ok("close", [none.id]);
      const found = await store.beads("list-by-label", label, "0");
      expect(ids(found)).toEqual([wisp.id, none.id, history.id]);
      expect(found.map(({ ephemeral, no_history }) => [!!ephemeral, !!no_history])).toEqual([
        [true, false],
        [false, true],
        [false, false],
      ]);
      expect(await store.beads("list-by-label", `${label}3`, "0")).toEqual([]);
    },
    broken: listing("list-by-label", (beads) => beads.filter(({ ephemeral }) => !ephemeral)),
  },
  {
    title: "a store that cannot be read is an error, never an empty list, and nobody takes it for an absent bead",
    async check(store) {
      for (const [op = "", ...args] of [["list"], ["get", "tc-1"], ["ready"], ["dep-list", "tc-1", "down"]]) {
        const { exit, stdout, stderr } = await store.call(op, args, undefined, { KUBECONFIG: UNREACHABLE });
        expect([exit, stdout]).toEqual([1, ""]);
        expect(stderr).not.toMatch(/not found|no issue found/);
      }
    },
    broken: swallowing("list"),
  },
]);
