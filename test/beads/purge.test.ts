import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Bead, type Store, storeWith } from "./bead-rules.ts";
import { replaceBd, type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
let store: Store;

const CITY = { city: "purge", prefix: "pu", database: "purge" };

beforeAll(async () => {
  place = await testPlace();
  const provider = await place.init(CITY);
  store = storeWith(provider, place, "pu", "purge");
}, 180_000);
afterAll(() => place?.remove(), 60_000);

/** A closed ephemeral bead that was closed so many days ago. */
async function closed(title: string, days: number, fields: Partial<Bead> = {}): Promise<string> {
  const { id } = await store.create({ title, ephemeral: true, ...fields });
  if (title.includes("commented")) store.bd("comments", "add", id, "a word");
  await store.ok("close", [id]);
  place.dolt.sql(
    `update \`purge\`.wisps set closed_at = date_sub(closed_at, interval ${days} day), pinned = ${title.includes("pinned")} where id = '${id}'`,
  );
  return id;
}

async function titles(): Promise<string[]> {
  return (await store.beads("list")).map(({ title }) => title).sort();
}

/** Rows of a bead in bd's tables of ephemeral beads, by table. */
function rowsOf(id: string): Record<string, number> {
  const where: Record<string, string> = {
    wisp_labels: `issue_id = '${id}'`,
    wisp_events: `issue_id = '${id}'`,
    wisp_comments: `issue_id = '${id}'`,
    wisp_dependencies: `issue_id = '${id}' or depends_on_wisp_id = '${id}'`,
    dependencies: `issue_id = '${id}' or depends_on_wisp_id = '${id}'`,
  };
  const counts = Object.entries(where).map(([table, which]) => {
    const [{ n } = {}] = place.dolt.sql(`select count(*) as n from \`purge\`.${table} where ${which}`);
    return [table, Number(n)];
  });
  return Object.fromEntries(counts);
}

const NOTHING = { wisp_labels: 0, wisp_events: 0, wisp_comments: 0, wisp_dependencies: 0, dependencies: 0 };

async function purged(args: string[], stdin?: string): Promise<object> {
  return JSON.parse(await store.ok("purge", args, stdin)) as object;
}

test("purge takes what must go with all that belongs to it, and leaves what must stay", async () => {
  const open = await store.create({ title: "open ephemeral", ephemeral: true });
  await store.create({ title: "closed history" }).then(({ id }) => store.ok("close", [id]));
  await store.create({ title: "closed without history", no_history: true }).then(({ id }) => store.ok("close", [id]));
  await closed("pinned", 30);
  await closed("pinned and commented", 30);
  const commented = await closed("commented", 30);
  await closed("new and commented", 0);
  const old = await closed("old", 8, { labels: ["l1", "l2"], needs: [open.id] });
  const held = await store.create({ title: "depends on old", needs: [old] });
  const fresh = await closed("fresh", 6, { labels: ["l3"] });
  expect(held.needs).toEqual([old]);
  expect(rowsOf(old)).toMatchObject({ wisp_labels: 2, wisp_dependencies: 1, dependencies: 1 });
  expect(rowsOf(old)["wisp_events"]).toBeGreaterThan(0);
  const before = await titles();

  for (const [args, stdin] of [
    [["--dry-run", "--older-than", "1w"], ""],
    [["--older-than=7d"], '{"dry_run":true}'],
  ] as const)
    expect(await purged([...args], stdin)).toMatchObject({ purged_count: 1, dry_run: true, promoted_count: 1 });
  expect(await purged(["--dry-run"])).toMatchObject({ purged_count: 2, promoted_count: 2 });
  expect(await titles()).toEqual(before);

  const week = await purged(["--older-than", "7d"], '{"dry_run":false}');
  expect(week).toMatchObject({ purged_count: 1, dry_run: false, promoted_count: 1, labels: 2 });
  expect(await titles()).toEqual(before.filter((title) => title !== "old"));
  expect(rowsOf(old)).toEqual(NOTHING);
  expect(await store.get(held.id)).not.toHaveProperty("needs");
  const kept = await store.get(commented);
  expect([kept.ephemeral, kept.status]).toEqual([undefined, "closed"]);
  expect(store.bd("comments", commented)).toContain("a word");
  expect((await store.beads("list")).find(({ title }) => title === "new and commented")?.ephemeral).toBe(true);

  expect(await purged([])).toMatchObject({ purged_count: 1, promoted_count: 1, labels: 1 });
  expect(rowsOf(fresh)).toEqual(NOTHING);
  expect(await titles()).toEqual(before.filter((title) => title !== "old" && title !== "fresh"));
  expect(await purged([])).toMatchObject({ purged_count: 0, promoted_count: 0 });
}, 240_000);

test("a purge whose answer is lost tells what it did all the same", async () => {
  await closed("lost commented", 0);
  for (const name of ["lost one", "lost two"]) await closed(name, 0);
  // Both a promotion and the purge do their work and end as if they had been killed.
  const lose = (command: string) =>
    `${command}) [ -e /tmp/${command} ] || { : >/tmp/${command}; $bd "$@"; exit 137; } ;;`;
  replaceBd(
    place,
    CITY,
    `#!/bin/sh\nbd=/usr/local/bin/bd\ncase $1 in ${lose("promote")} ${lose("purge")} esac\nexec $bd "$@"`,
  );
  expect(await purged([])).toEqual({ purged_count: 2, dry_run: false, promoted_count: 1 });
  place.kubectl("exec", "gc-beads-runner-purge-0", "--", "rm", "/tmp/bin/bd");
  expect((await titles()).filter((title) => title.startsWith("lost"))).toEqual(["lost commented"]);
}, 120_000);

test("purge refuses what it does not know", async () => {
  for (const args of [["--older-than", "soon"], ["--older-than", ""], ["--older-than", "0d"], ["--everything"]])
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
