import { afterAll, beforeAll, expect, test } from "bun:test";
import { inParallel } from "../fault/chance.ts";
import { type Store, storeWith } from "./bead-rules.ts";
import { PIECES } from "./hostile-texts.ts";
import { replaceBd, type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
let store: Store;

const CITY = { city: "whole", prefix: "wh", database: "whole" };

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init(CITY), place, "wh", "whole");
}, 180_000);
afterAll(() => place?.remove(), 60_000);

const inScope = (script: string) =>
  place.kubectl("exec", "gc-beads-runner-whole-0", "--", "sh", "-c", `cd /run/gc-beads/scopes/wh && ${script}`);

/** Everything that reads a whole store. */
const READS = [
  ["list"],
  ["list", "--status=open"],
  ["list", "--status=in_progress"],
  ["list", "--status=closed"],
  ["list", "--type=bug"],
  ["ready"],
  ["ready", "--include-ephemeral"],
] satisfies [string, ...string[]][];

async function answers(): Promise<string[]> {
  const found: string[] = [];
  for (const [op, ...args] of READS) found.push(await store.ok(op, args));
  return found;
}

test("bd's tables say of every bead what bd's own list says", async () => {
  await fill();
  // A look writes nothing.
  place.dolt.sql("set @@global.read_only = 1");
  const fromTables = await answers();
  place.dolt.sql("set @@global.read_only = 0");
  // It is not bd's list that they came from.
  replaceBd(place, CITY, '#!/bin/sh\n[ "$1" != list ] || exit 1\nexec /usr/local/bin/bd "$@"');
  expect(await answers()).toEqual(fromTables);
  replaceBd(place, CITY, '#!/bin/sh\n[ "$1" != sql ] || exit 1\nexec /usr/local/bin/bd "$@"');
  expect(await answers()).toEqual(fromTables);
  // That may pass, and is asked again.
  inScope("rm /tmp/bin/bd && ! ls other-schema");
  expect(fromTables.map((answer) => (JSON.parse(answer) as unknown[]).length)).toEqual(
    expect.not.arrayContaining([0]) as number[],
  );
}, 240_000);

test("of a schema that is not known bd itself is asked, and the runner remembers that", async () => {
  inScope("rm -f other-schema");
  const [known] = await answers();
  place.dolt.sql(
    "use whole; insert into ignored_schema_migrations (version) select max(version) + 1 from ignored_schema_migrations",
  );
  const [unknown] = await answers();
  expect(unknown).toBe(known ?? "");
  inScope("ls other-schema");
}, 120_000);

/** Beads of every kind, tier, status and relation, and every hostile text in every field. */
async function fill(): Promise<void> {
  await inParallel(PIECES, 3, async (text) => {
    const metadata = { k: text, [`k${text}`]: "v" };
    const fields = { description: text, assignee: text, from: text, ref: text, labels: ["b", text, "a"], metadata };
    const title = text.trim() ? text : `${text}.`;
    if (text !== "\r\n") await store.create({ title, ...fields });
  });
  const [one, other, wisp] = [await store.create(), await store.create(), await store.create({ ephemeral: true })];
  for (const type of ["bug", "message", "gate", "agent", "molecule"]) await store.create({ type });
  await store.create({ no_history: true, needs: [one.id, `tracks:${other.id}`], parent_id: wisp.id });
  await store.create({ ephemeral: true, needs: [other.id], parent_id: one.id, labels: ["of a wisp"] });
  await store.create({ defer_until: "2099-01-02T03:04:05.678Z", priority: 0 });
  const parents = [await store.create({ type: "epic" }), await store.create({ type: "epic" }), await store.create()];
  const orphan = await store.create({ labels: ["\u{1f600}", "\uff01"], metadata: { "\u{1f600}": "a", "\uff01": "b" } });
  for (const { id } of parents) await store.ok("dep-add", [orphan.id, id, "parent-child"]);
  const kept = await store.create();
  await store.ok("close", [kept.id]);
  place.dolt.sql(`use whole; update issues set pinned = 1 where id = '${kept.id}'`);
  const closed = await store.create({ ephemeral: true });
  await store.ok("close", [closed.id]);
  await store.ok("close", [other.id]);
  await store.update(one.id, { status: "in_progress", assignee: "me" });
  const shapes = '{"n":1.50,"o":{"b":1,"a":[]},"t":true,"z":null,"big":12345678901234567890,"e":1e3,"s":""}';
  const made = JSON.parse(store.bd("create", "--json", "--title=shapes", `--metadata=${shapes}`)) as { id: string };
  store.bd("update", made.id, "--status=pinned");
  store.bd("update", (await store.create()).id, "--status=blocked");
  store.bd("update", (await store.create()).id, "--status=hooked");
  store.bd("comments", "add", one.id, "seen");
}
