import { expect } from "bun:test";
import { calling, doingNothing, failing, swallowing } from "../conformance/broken.ts";
import type { Call } from "../conformance/provider.ts";
import { type Bead, type BeadRule, beadRules } from "./bead-rules.ts";

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
    title: "nine updates, one of each field, are all seen in one get, and removing a label leaves the others (25)",
    async check(store) {
      const parent = await store.create();
      const { id } = await store.create({ labels: ["first"], metadata: { first: "1" } });
      const changes = [...CHANGES, ["parent_id", parent.id], ["labels", ["second"]]] as [string, unknown][];
      for (const [name, value] of changes) await store.update(id, { [name]: value });
      const wanted = { ...Object.fromEntries(changes), labels: ["first", "second"] };
      const all = { ...wanted, metadata: { first: "1", ...(CHANGES.at(-1)?.[1] as object) } };
      const sorted = (bead: Bead) => ({ ...bead, labels: bead.labels?.toSorted() });
      expect(sorted(await store.get(id))).toMatchObject(all);
      await store.update(id, { remove_labels: ["second"] });
      expect(await store.get(id)).toMatchObject({ ...all, labels: ["first"] });
    },
    broken: calling("update", (call) => ({
      ...call,
      stdin: String(call.stdin).replace('"remove_labels"', '"labels"'),
    })),
    timeoutMs: 120_000,
  },
  {
    title: "a title keeps the blanks at its ends, and loses them when it is given without",
    async check(store) {
      const { id } = await store.create({ title: " x " });
      for (const title of ["x", " x ", "\u0085x\u3000", "\ufeffx", "x"]) {
        await store.update(id, { title });
        expect((await store.get(id)).title).toBe(title);
      }
      store.bd("update", id, "--title=by an agent");
      expect((await store.get(id)).title).toBe("by an agent");
      await store.refused("update", [id], '{"title":"\\u0085 "}');
    },
    broken: calling("update", (call) => ({ ...call, stdin: JSON.stringify({ title: trimmed(call) }) })),
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
      const own = await store.create({ from: "human" });
      await store.ok("set-metadata", [own.id, "from"], "human");
      expect(await store.get(own.id)).toMatchObject({ from: "human", metadata: { from: "human" } });
      for (const key of ["", "gc-k8s.bead", "gc-k8s.title"]) await store.refused("set-metadata", [id, key], "v");
      await store.refused("set-metadata", [id, "k"], new Uint8Array([0xff]));
      expect((await store.call("set-metadata", ["tc-nope1", "k"], "v")).exit).toBe(1);
    },
    broken: calling("set-metadata", (call) => ({ ...call, stdin: String(call.stdin).trim() })),
    timeoutMs: 120_000,
  },
]);

function trimmed({ stdin }: Call): string {
  return (JSON.parse(String(stdin)) as { title: string }).title.trim();
}
