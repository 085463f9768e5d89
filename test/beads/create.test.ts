import { expect } from "bun:test";
import { calling, printing } from "../conformance/broken.ts";
import type { Call } from "../conformance/provider.ts";
import { type Bead, beadRules, unique } from "./bead-rules.ts";

/** Takes a field out of what `create` is given. */
function without(...names: string[]) {
  return calling("create", (call: Call) => {
    const request = JSON.parse(String(call.stdin)) as Record<string, unknown>;
    for (const name of names) delete request[name];
    return { ...call, stdin: JSON.stringify(request) };
  });
}

/** Changes the bead that `get` prints. */
function getting(change: (bead: Bead) => object) {
  return printing("get", (stdout) => (stdout ? JSON.stringify(change(JSON.parse(stdout))) : stdout));
}

const FIELDS: [string, unknown][] = [
  ["title", "a title"],
  ["type", "bug"],
  ["type", "gc:session"],
  ["type", "convoy"],
  ["priority", 0],
  ["priority", 4],
  ["assignee", "clerk"],
  ["from", "human"],
  ["ref", "three.dig"],
  ["description", "more\nthan one line"],
  ["labels", ["plain", "with,comma", 'with "quotes"', "order-run:x"]],
  [
    "metadata",
    {
      plain: "v",
      "gc.a b-c": '{"x":[1,2]}',
      empty: "",
      number: "0",
      0: "@gc-k8s-clock@",
      bool: "true",
      at: "@/etc/passwd",
    },
  ],
  ["ephemeral", true],
  ["no_history", true],
  ["defer_until", "2031-05-06T07:08:09.123456789+02:00"],
];

beadRules("create", [
  {
    title:
      "gives each bead an id of its own with the store's prefix (1), status open (2), type task (3) and a fresh time (5)",
    async check(store) {
      const [one, other] = [await store.create(), await store.create()];
      expect(one.id).not.toBe(other.id);
      expect(one.id).toStartWith(`${store.prefix}-`);
      expect(one).toMatchObject({ status: "open", type: "task", priority: 2 });
      expect(Math.abs(Date.now() - Date.parse(one.created_at))).toBeLessThan(3_600_000);
      expect(one.created_at).toMatch(/\.\d{3,}Z$/);
      expect(one.updated_at).toMatch(/^\d{4}-.*Z$/);
      expect(one.created_at < other.created_at).toBe(true);
    },
    broken: printing("create", (stdout) => stdout.replace(/\.\d+Z/g, "Z")),
  },
  ...FIELDS.map(([name, value]) => ({
    title: `keeps ${name} ${JSON.stringify(value).slice(0, 40)} (4, 6, 7, 8), in its own answer and in get`,
    async check(store: Parameters<Parameters<typeof beadRules>[1][0]["check"]>[0]) {
      const made = await store.create({ [name]: value });
      const got = await store.get(made.id);
      const sorted = (each: unknown) => (name === "labels" ? [...(each as string[])].sort() : each);
      expect(sorted(made[name as keyof Bead])).toEqual(sorted(value));
      expect(sorted(got[name as keyof Bead])).toEqual(sorted(value));
      expect({ ...got, updated_at: "" }).toEqual({ ...made, updated_at: "" });
    },
    broken: name === "title" ? getting((bead) => ({ ...bead, title: "" })) : without(name),
  })),
  {
    title: "echoes what get then prints: type, label and metadata of a session (9, 10)",
    async check(store) {
      const metadata = {
        agent_name: "clerk",
        state: "start-pending",
        resume_flag: "",
        generation: "1",
        work_dir: "/city",
      };
      const made = await store.create({ title: "clerk", type: "gc:session", labels: ["gc:session"], metadata });
      expect(await store.get(made.id)).toMatchObject({
        id: made.id,
        status: made.status,
        type: "gc:session",
        metadata,
      });
    },
    broken: without("metadata"),
  },
  {
    title: "needs are edges before the bead can be seen as ready, and parent_id is the parent; formulas count on it",
    async check(store) {
      const root = await store.create({ title: "three", type: "molecule" });
      const dig = await store.create({ title: "Dig", type: "step", parent_id: root.id });
      const plant = await store.create({ title: "Plant", type: "step", parent_id: root.id, needs: [dig.id] });
      const water = await store.create({ title: "Water", needs: [`blocks:${plant.id}`, `tracks:${dig.id}`] });
      expect(await store.get(plant.id)).toMatchObject({ parent_id: root.id, needs: [dig.id] });
      expect(water.needs?.sort()).toEqual([`${plant.id}`, `tracks:${dig.id}`].sort());
      const ready = (await store.beads("ready", "--include-ephemeral")).map(({ id }) => id);
      expect(ready.filter((id) => [dig.id, plant.id, water.id].includes(id))).toEqual([dig.id]);
    },
    broken: without("needs"),
  },
  {
    title: "a bead that needs one that is not there, or the beginning of an id, is refused and not made",
    async check(store) {
      const title = unique("orphan");
      const { id } = await store.create();
      for (const fields of [{ needs: ["tc-nope"] }, { parent_id: id.slice(0, -2) }, { needs: [id.slice(0, -1)] }])
        await store.refused("create", [], JSON.stringify({ title, ...fields }));
      expect((await store.beads("list")).filter((bead) => bead.title === title)).toEqual([]);
    },
    broken: without("needs", "parent_id"),
  },
  {
    title: "refuses what it could not keep, before anything is made",
    async check(store) {
      const label = unique("refused");
      const bad = [
        { title: "" },
        { title: "   " },
        { title: "x".repeat(501) },
        { title: "t", description: "x".repeat(65_536) },
        { title: "t", priority: 9 },
        { title: "t", priority: "high" },
        { title: "t", labels: ["x".repeat(256)] },
        { title: "t", defer_until: "tomorrow" },
        { title: "t", type: "no-such-type" },
        { title: "t", type: "mol" },
        { title: "t", metadata: { n: 1 } },
        { title: "t", ephemeral: true, no_history: true },
        {},
      ];
      for (const fields of bad) await store.refused("create", [], JSON.stringify({ labels: [label], ...fields }));
      for (const text of ["", "[]", "{", "null", '{"title":"a\\u0000b"}', '{"title":"\\ud800"}'])
        await store.refused("create", [], text);
      expect(await store.beads("list-by-label", label, "0")).toEqual([]);
    },
    broken: calling("create", (call) => ({
      ...call,
      stdin: JSON.stringify({ ...parsed(call), title: "t", priority: 1 }),
    })),
    timeoutMs: 120_000,
  },
]);

function parsed(call: Call): object {
  try {
    return (JSON.parse(String(call.stdin)) as object) ?? {};
  } catch {
    return {};
  }
}
