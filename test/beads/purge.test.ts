import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Store, storeWith } from "./bead-rules.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
let store: Store;

beforeAll(async () => {
  place = await testPlace();
  const provider = await place.init({ city: "purge", prefix: "pu", database: "purge" });
  store = storeWith(provider, place, "pu", "purge");
}, 180_000);
afterAll(() => place?.remove(), 60_000);

/** What a purge must leave behind, and what it must take, by title. */
async function fill(): Promise<{ stays: string[]; goes: string[] }> {
  const open = await store.create({ title: "open ephemeral", ephemeral: true });
  await store.create({ title: "closed history" }).then(({ id }) => store.ok("close", [id]));
  await store.create({ title: "closed without history", no_history: true }).then(({ id }) => store.ok("close", [id]));
  const pinned = await store.create({ title: "pinned", ephemeral: true });
  await store.ok("close", [pinned.id]);
  place.dolt.sql(`update \`purge\`.wisps set pinned = 1 where id = '${pinned.id}'`);
  const commented = await store.create({ title: "commented", ephemeral: true });
  store.bd("comments", "add", commented.id, "a word");
  await store.ok("close", [commented.id]);
  const plain = await store.create({ title: "plain", ephemeral: true, labels: ["l1", "l2"], needs: [open.id] });
  const held = await store.create({ title: "depends on plain", needs: [plain.id] });
  for (const bead of [plain, await store.create({ title: "another", ephemeral: true })])
    await store.ok("close", [bead.id]);
  expect(held.needs).toEqual([plain.id]);
  const stays = ["open ephemeral", "closed history", "closed without history", "pinned", "commented", held.title];
  return { stays: stays.sort(), goes: ["another", "plain"] };
}

async function titles(): Promise<string[]> {
  return (await store.beads("list")).map(({ title }) => title).sort();
}

test("purge takes what must go with all that belongs to it, and leaves what must stay", async () => {
  const { stays, goes } = await fill();
  expect(await titles()).toEqual([...stays, ...goes].sort());
  for (const [args, stdin] of [
    [["--dry-run"], ""],
    [[], '{"dry_run":true}'],
  ] as const) {
    const preview = JSON.parse(await store.ok("purge", [...args], stdin)) as object;
    expect(preview).toMatchObject({ purged_count: 2, dry_run: true });
  }
  expect(await titles()).toEqual([...stays, ...goes].sort());
  expect(JSON.parse(await store.ok("purge", ["--older-than", "7d"], '{"dry_run":false}'))).toMatchObject({
    purged_count: 0,
  });
  const done = JSON.parse(await store.ok("purge", [])) as object;
  expect(done).toMatchObject({ purged_count: 2, dry_run: false });
  expect(await titles()).toEqual(stays);
  const left = `select count(*) as n from \`purge\`.wisp_labels where label in ('l1', 'l2')`;
  expect(place.dolt.sql(left)).toEqual([{ n: "0" }]);
  expect((await store.beads("list")).find(({ title }) => title === "depends on plain")).not.toHaveProperty("needs");
  expect(JSON.parse(await store.ok("purge", []))).toMatchObject({ purged_count: 0 });
}, 240_000);

test("purge refuses what it does not know", async () => {
  for (const args of [["--older-than", "soon"], ["--older-than", ""], ["--everything"]])
    await store.refused("purge", args);
  await store.refused("purge", [], "yes");
  await store.refused("purge", [], '{"dry_run":"no"}');
}, 60_000);

test("without a store in the environment it purges all of the city's", async () => {
  await place.init({ city: "purge", prefix: "pv", database: "purge_two" });
  const other = storeWith(place.provider({ city: "purge", prefix: "pv" }), place, "pv", "purge");
  for (const each of [store, other]) await each.create({ ephemeral: true }).then(({ id }) => each.ok("close", [id]));
  const all = place.provider({ city: "purge", prefix: "pv" });
  const { exit, stdout } = await all({ op: "purge", args: [], env: { GC_BEADS_PREFIX: "" } });
  expect([exit, JSON.parse(stdout)]).toMatchObject([0, { purged_count: 2 }]);
}, 120_000);
