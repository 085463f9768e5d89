import { expect } from "bun:test";
import { calling } from "../conformance/broken.ts";
import { type Bead, beadRules, type Store } from "./bead-rules.ts";
import { PIECES } from "./hostile-texts.ts";

/** Fields that hold any text, and how a bead is given one. A title must not be blank. */
const FIELDS: Record<string, (text: string) => Partial<Bead>> = {
  title: (text) => ({ title: text.trim() ? text : `${text}.` }),
  description: (text) => ({ description: text }),
  assignee: (text) => ({ assignee: text }),
  from: (text) => ({ from: text }),
  ref: (text) => ({ ref: text }),
  label: (text) => ({ labels: [text] }),
  metadata: (text) => ({ metadata: { k: text, [`k${text}`]: "v" } }),
};

/** What cannot be kept, by field: bd would make one character of these two in a label. */
const REFUSED: Record<string, string[]> = { label: ["\r\n"] };

/** Makes a bead and sees that it has what it was given; false when it was refused. */
async function isKept(store: Store, fields: Partial<Bead>): Promise<boolean> {
  const outcome = await store.call("create", [], JSON.stringify({ title: "t", ...fields }));
  if (outcome.exit !== 0) return false;
  const { id } = JSON.parse(outcome.stdout) as Bead;
  const got = await store.get(id);
  for (const [name, value] of Object.entries(fields))
    expect({ [name]: got[name as keyof Bead] }).toEqual({ [name]: value });
  return true;
}

/** The text in every field, more than 400 values in all: of one bead where none of them refuses it, else each by itself. */
async function fieldsThatRefuse(store: Store, text: string): Promise<string[]> {
  const all = Object.assign({}, ...Object.values(FIELDS).map((field) => field(text))) as Partial<Bead>;
  if (await isKept(store, all)) return [];
  const refusing: string[] = [];
  for (const [name, field] of Object.entries(FIELDS)) if (!(await isKept(store, field(text)))) refusing.push(name);
  return refusing;
}

function mayRefuse(text: string): string[] {
  return Object.keys(REFUSED).filter((name) => REFUSED[name]?.includes(text));
}

beadRules("hostile texts", [
  ...[0, 1, 2, 3].map((quarter) => ({
    title: `are kept as they are in every field, or refused: part ${quarter + 1} of 4`,
    async check(store: Store) {
      for (const text of PIECES.filter((_, index) => index % 4 === quarter))
        expect({ text, refuse: await fieldsThatRefuse(store, text) }).toEqual({ text, refuse: mayRefuse(text) });
    },
    broken: calling("create", (call) => ({ ...call, stdin: String(call.stdin).replaceAll("a", "b") })),
    timeoutMs: 240_000,
  })),
  {
    title: "are taken by update and set-metadata as they are",
    async check(store) {
      const { id } = await store.create();
      for (const text of PIECES.filter((_, index) => index % 6 === 0)) {
        const labels = mayRefuse(text).length > 0 ? [] : [text];
        const fields = { ...FIELDS["title"]?.(text), description: text, assignee: text };
        await store.update(id, { ...fields, labels, metadata: { u: text } });
        await store.ok("set-metadata", [id, "s"], text);
        const got = await store.get(id);
        expect(got).toMatchObject({ ...fields, ...(labels.length > 0 && { labels }) });
        expect(got.metadata).toEqual({ u: text, s: text });
        await store.update(id, { remove_labels: labels });
        expect((await store.get(id)).labels).toBeUndefined();
      }
    },
    broken: calling("set-metadata", (call) => ({ ...call, stdin: `${call.stdin} ` })),
    timeoutMs: 240_000,
  },
  {
    title: "long ones, too: a description of 65,535 bytes, metadata of 300 KB",
    async check(store) {
      const description = "é".repeat(32_767);
      const metadata = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, `${i}`.repeat(5_000)]));
      const { id } = await store.create({ description, metadata });
      expect(await store.get(id)).toMatchObject({ description, metadata });
    },
    broken: calling("create", (call) => ({ ...call, stdin: String(call.stdin).replace("ééé", "") })),
  },
]);
