import { expect } from "bun:test";
import { answering, calling, doingNothing, failing, swallowing } from "../conformance/broken.ts";
import { type BeadRule, beadRules, type Store } from "./bead-rules.ts";

/** Values that one update changes and one get shows (25). */
const CHANGES: [string, unknown][] = [
  ["title", "--another title"],
  ["status", "in_progress"],
  ["type", "gate"],
  ["priority", 1],
  ["description", "another\ndescription"],
  ["assignee", "me"],
  ["metadata", { a: "1", "b c": "", "x-y:z": "@file" }],
];

/** Fields that an empty text clears. */
const CLEARED = ["description", "assignee", "parent_id"];

const VALUES = [
  "v",
  "",
  "trailing\nnewlines\n\n",
  "0",
  "42",
  "true",
  '{"a":[1]}',
  "@/etc/passwd",
  "-",
  "é 日本 😀",
  "'\"\\$`",
];

beadRules("update", [
  ...CHANGES.map(
    ([name, value]): BeadRule => ({
      title: `changes ${name} and nothing else (24, 25)`,
      async check(store) {
        const before = await store.create({ labels: ["l"], metadata: { kept: "k" }, description: "d" });
        await store.update(before.id, { [name]: value });
        const now = await store.get(before.id);
        const wanted = name === "metadata" ? { kept: "k", ...(value as object) } : value;
        expect({ ...now, updated_at: "" }).toEqual({ ...before, [name]: wanted, updated_at: "" });
      },
      broken: doingNothing("update"),
    }),
  ),
  ...CLEARED.map(
    (name): BeadRule => ({
      title: `an empty ${name} clears it`,
      async check(store) {
        const parent = await store.create();
        const { id } = await store.create({ parent_id: parent.id, assignee: "me", description: "d" });
        await store.update(id, { [name]: "" });
        const now = await store.get(id);
        expect(now[name as "assignee"]).toBeUndefined();
        expect([now.parent_id, now.assignee, now.description].filter(Boolean)).toHaveLength(2);
      },
      broken: calling("update", (call) => ({ ...call, stdin: String(call.stdin).replace(/"[^"]*":"",?/, "") })),
    }),
  ),
  {
    title: "gives the bead another parent, and adds and removes labels without touching others (25)",
    async check(store) {
      const [one, other] = [await store.create(), await store.create()];
      const { id } = await store.create({ parent_id: one.id, labels: ["keep", "go,ne"] });
      await store.update(id, { parent_id: other.id, labels: ["new", 'a,"b"'], remove_labels: ["go,ne", "never was"] });
      const now = await store.get(id);
      expect(now.parent_id).toBe(other.id);
      expect(now.labels?.sort()).toEqual(['a,"b"', "keep", "new"]);
      // Were it "not found", gc would take the bead itself for gone.
      for (const parent of [other.id.slice(0, -1), "tc-nope1"])
        await store.refused("update", [id], JSON.stringify({ parent_id: parent }));
      expect((await store.get(id)).parent_id).toBe(other.id);
    },
    broken: calling("update", (call) => ({
      ...call,
      stdin: String(call.stdin).replace("remove_labels", "labels_removed"),
    })),
  },
  {
    title: "{} changes nothing and is no error (27); a bead that is not there is not found (26)",
    async check(store) {
      const before = await store.create();
      await store.update(before.id, {});
      expect(await store.get(before.id)).toEqual(before);
      await store.notFound("update", ["tc-nope1"], '{"title":"x"}');
      await store.notFound("update", ["tc-nope1"], "{}");
    },
    broken: swallowing("update"),
  },
  {
    title: "what gc makes one transaction of is seen whole (38), and a part that fails is told (39)",
    async check(store) {
      const { id } = await store.create({ title: "kept", description: "before" });
      await store.update(id, { description: "after" });
      await store.ok("set-metadata", [id, "tx"], "1");
      await store.notFound("update", ["tc-nope1"], '{"title":"x"}');
      await store.ok("set-metadata", [id, "close_reason"], "done");
      await store.ok("close", [id]);
      const metadata = { tx: "1", close_reason: "done" };
      expect(await store.get(id)).toMatchObject({ title: "kept", description: "after", status: "closed", metadata });
    },
    broken: doingNothing("set-metadata"),
  },
  {
    title: "takes over a bead that somebody works on: gc is the one who assigns",
    async check(store) {
      const { id } = await store.create({ assignee: "one" });
      await store.update(id, { status: "in_progress" });
      await store.update(id, { assignee: "other" });
      expect(await store.get(id)).toMatchObject({ assignee: "other", status: "in_progress" });
    },
    broken: failing("update"),
  },
  {
    title: "set-metadata keeps each value byte for byte, replaces an earlier one, and leaves no label",
    async check(store) {
      const { id } = await store.create({ metadata: { other: "o" } });
      for (const value of VALUES) {
        await store.ok("set-metadata", [id, "a key"], value);
        const now = await store.get(id);
        expect(now.metadata).toEqual({ other: "o", "a key": value });
        expect(now.labels).toBeUndefined();
      }
      await store.refused("set-metadata", [id, ""], "v");
      await store.refused("set-metadata", [id, "k"], new Uint8Array([0xff]));
      expect((await store.call("set-metadata", ["tc-nope1", "k"], "v")).exit).toBe(1);
    },
    broken: calling("set-metadata", (call) => ({ ...call, stdin: String(call.stdin).trim() })),
    timeoutMs: 120_000,
  },
]);

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
