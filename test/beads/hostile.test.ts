import { expect } from "bun:test";
import { calling } from "../conformance/broken.ts";
import { type Bead, beadRules, type Store } from "./bead-rules.ts";

/** Texts that mean something to a shell, to bd's flags, to CSV, JSON, SQL, a terminal or a database. */
const PIECES = [
  "--help",
  "-",
  "--",
  "-f",
  "@/etc/passwd",
  "=",
  "a=b",
  "a,b",
  '"',
  '""',
  "'",
  "''",
  "'; exit 2; '",
  "`id`",
  "$(id)",
  "$HOME",
  "${x}",
  "\\",
  "\\n",
  "a\nb",
  "\r\n",
  "\t",
  "%s%n",
  "*",
  "?",
  "[a]",
  "{a,b}",
  "~",
  "#x",
  ";",
  "&",
  "|",
  "<x>",
  ">/dev/null",
  "é",
  "日本語",
  "😀",
  "e\u0301",
  "\u200b",
  "\u2028",
  "\u00a0x\u00a0",
  "\x01\x1b[0m\x7f",
  "\ufeff",
  "null",
  "true",
  "0",
  "1e999",
  "NaN",
  "[]",
  "{}",
  '{"id":"tc-1"}',
  "x' OR '1'='1",
  "DROP TABLE issues;--",
  "EOF",
  "done 0",
  "@gc-k8s-clock@",
  "../..",
  "/run/gc-beads",
  "x".repeat(200),
  " lead and trail ",
];

/** Fields that hold any text, and how a bead is given one. */
const FIELDS: Record<string, (text: string) => Partial<Bead>> = {
  title: (text) => ({ title: text }),
  description: (text) => ({ title: "t", description: text }),
  assignee: (text) => ({ title: "t", assignee: text }),
  from: (text) => ({ title: "t", from: text }),
  label: (text) => ({ title: "t", labels: [text] }),
  metadata: (text) => ({ title: "t", metadata: { k: text, [`k${text}`]: "v" } }),
};

/** Every text in every field, all of one bead: 360 values. Resolves with false when it was refused, which it is as a whole. */
async function isKept(store: Store, text: string): Promise<boolean> {
  const all = Object.assign({}, ...Object.values(FIELDS).map((field) => field(text)), {
    title: `${text}.`,
  }) as Partial<Bead>;
  const outcome = await store.call("create", [], JSON.stringify(all));
  if (outcome.exit !== 0) return false;
  const { id } = JSON.parse(outcome.stdout) as Bead;
  const got = await store.get(id);
  for (const [name, value] of Object.entries(all))
    expect({ [name]: got[name as keyof Bead] }).toEqual({ [name]: value });
  return true;
}

/** What cannot be kept: bd would make one character of these two in a label. */
const REFUSED = ["\r\n"];

beadRules("hostile texts", [
  ...[0, 1, 2, 3].map((quarter) => ({
    title: `are kept as they are in every field, or refused: part ${quarter + 1} of 4`,
    async check(store: Store) {
      for (const text of PIECES.filter((_, index) => index % 4 === quarter))
        expect({ text, isKept: await isKept(store, text) }).toEqual({ text, isKept: !REFUSED.includes(text) });
    },
    broken: calling("create", (call) => ({ ...call, stdin: String(call.stdin).replaceAll("a", "b") })),
    timeoutMs: 240_000,
  })),
  {
    title: "are taken by update and set-metadata as they are",
    async check(store) {
      const { id } = await store.create();
      for (const text of PIECES.filter((_, index) => index % 6 === 0)) {
        await store.update(id, { title: `${text}.`, description: text, assignee: text, metadata: { u: text } });
        await store.ok("set-metadata", [id, "s"], text);
        const got = await store.get(id);
        expect(got).toMatchObject({ title: `${text}.`, description: text, assignee: text });
        expect(got.metadata).toEqual({ u: text, s: text });
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
