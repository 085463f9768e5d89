import { expect } from "bun:test";
import { answering, doingNothing, swallowing } from "../conformance/broken.ts";
import { beadRules, type Store } from "./bead-rules.ts";

/** Whether the bead's ids stand in `ready`. */
async function isReady(store: Store, id: string): Promise<boolean> {
  return (await store.beads("ready", "--include-ephemeral")).some((bead) => bead.id === id);
}

beadRules("close, reopen, delete", [
  {
    title: "close closes (13), twice (15), takes the bead out of ready (16), and keeps gc's reason",
    async check(store) {
      const { id } = await store.create();
      expect(await isReady(store, id)).toBe(true);
      await store.ok("set-metadata", [id, "close_reason"], "order done: 'quoted'\n");
      await store.ok("close", [id]);
      await store.ok("close", [id]);
      expect((await store.get(id)).status).toBe("closed");
      expect(await isReady(store, id)).toBe(false);
      expect(store.bd("show", id, "--json")).toContain("order done: 'quoted'");
    },
    broken: doingNothing("close"),
  },
  {
    title: "close and reopen of a bead that is not there are not found (14)",
    async check(store) {
      for (const op of ["close", "reopen"]) await store.notFound(op, ["nonexistent-999"]);
    },
    broken: swallowing("close"),
  },
  {
    title: "closes what bd would protect: assigned, with open children, blocked",
    async check(store) {
      const blocker = await store.create();
      const { id } = await store.create({ assignee: "someone", needs: [blocker.id] });
      await store.create({ parent_id: id });
      await store.update(id, { status: "in_progress" });
      await store.ok("close", [id]);
      expect((await store.get(id)).status).toBe("closed");
    },
    broken: doingNothing("close"),
  },
  {
    title: "reopen opens a closed bead, and one that is open",
    async check(store) {
      const { id } = await store.create();
      await store.ok("close", [id]);
      await store.ok("reopen", [id]);
      expect((await store.get(id)).status).toBe("open");
      await store.ok("reopen", [id]);
      expect(await isReady(store, id)).toBe(true);
    },
    broken: doingNothing("reopen"),
  },
  {
    title: "delete removes the bead and its edges both ways, and leaves what depended on it; without --force nothing",
    async check(store) {
      const [one, two] = [await store.create(), await store.create()];
      const three = await store.create({ needs: [two.id] });
      await store.ok("dep-add", [two.id, one.id, "blocks"]);
      await store.refused("delete", [two.id]);
      await store.ok("delete", ["--force", two.id]);
      await store.notFound("get", [two.id]);
      expect(await store.get(three.id)).not.toHaveProperty("needs");
      expect(await store.beads("dep-list", one.id, "up")).toEqual([]);
      await store.notFound("delete", ["--force", two.id]);
    },
    broken: doingNothing("delete"),
  },
  {
    title: "an operation never takes the beginning of an id, or none, for a bead",
    async check(store) {
      const { id } = await store.create({ title: "the only one" });
      const short = id.slice(0, -1);
      const before = await store.get(id);
      for (const [op, ...args] of [["get"], ["close"], ["reopen"], ["update"], ["delete", "--force"]] as const)
        await store.notFound(op, [...args, short], op === "update" ? '{"title":"x"}' : undefined);
      expect((await store.call("set-metadata", [short, "k"], "v")).exit).toBe(1);
      expect((await store.call("dep-add", [short, id, "blocks"])).exit).toBe(1);
      expect(await store.beads("dep-list", short, "up")).toEqual([]);
      for (const op of ["get", "close", "update", "reopen"]) await store.refused(op, [""], "{}");
      expect(await store.get(id)).toEqual(before);
    },
    broken: answering("get", () => '{"id":"tc-1"}'),
    timeoutMs: 120_000,
  },
  {
    title: "get of names that are no ids is not found, whatever is in them (11, 12)",
    async check(store) {
      for (const name of [
        "nonexistent-999",
        "clerk",
        "app--core__control-dispatcher",
        "rig/worker",
        "a,b",
        "-x",
        "ap-1",
      ])
        await store.notFound("get", [name]);
    },
    broken: swallowing("get"),
  },
]);
