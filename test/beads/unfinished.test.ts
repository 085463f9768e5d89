import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Store, storeWith } from "./bead-rules.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;

beforeAll(async () => {
  place = await testPlace();
}, 180_000);
afterAll(() => place?.remove(), 60_000);

/** A store whose city, prefix and database have one name. */
function storeOf(name: string): Store {
  return storeWith(place.provider({ city: name, prefix: name }), place, name, name);
}

/** Takes the database back to where `bd init` had made so many of its migrations, and does half of another one. */
function cutShort(database: string, migration: string, half: string): void {
  const [{ commit_hash: commit } = {}] = place.dolt.sql(
    `select commit_hash from \`${database}\`.dolt_log where message like 'schema: apply migration ${migration}%'`,
  );
  place.dolt.sql(`use \`${database}\`; call dolt_reset('--hard', '${commit}'); ${half}`);
}

test.each([
  ["a changed table", "0022", "alter table issues add column half_done int"],
  ["a new table", "0007", "create table child_counters (half_done int)"],
  ["whole migrations only", "0016", "select 1"],
])(
  "a database whose making was cut short, with %s, is made by the next init",
  async (what, migration, half) => {
    const name = what.replaceAll(/\W/g, "");
    const store = storeOf(name);
    await store.ok("init", ["/city", name, name]);
    cutShort(name, migration, half);
    // It is no store that anything may be read from.
    await store.refused("list", []);
    await store.ok("init", ["/city", name, name]);
    const { id } = await store.create({ type: "gc:session" });
    expect((await store.beads("list")).map((bead) => bead.id)).toEqual([id]);
    expect(place.dolt.sql("show databases like 'gc_spare%'")).toEqual([]);
  },
  180_000,
);

test("what is not ours to drop stays, and init says what to do", async () => {
  const store = storeOf("kept");
  await store.ok("init", ["/city", "kept", "kept"]);
  const half =
    "insert into issues (id, title, description, design, acceptance_criteria, notes) values ('kept-1', 't', '', '', '', '')";
  cutShort("kept", "0022", `${half}; alter table issues add column half_done int`);
  expect(await store.refused("init", ["/city", "kept", "kept"])).toContain("commit or reset what is half done in Dolt");
  expect(place.dolt.sql("select id from kept.issues")).toEqual([{ id: "kept-1" }]);
  place.dolt.sql("create database other; create table other.theirs (a int)");
  expect(await storeOf("kept").refused("init", ["/city", "kept", "other"])).toContain("name another database");
  expect(place.dolt.sql("select * from information_schema.tables where table_schema = 'other'")).toHaveLength(1);
}, 120_000);

test("what becomes somebody's while it is being mended stays", async () => {
  const store = storeOf("taken");
  await store.ok("init", ["/city", "taken", "taken"]);
  cutShort("taken", "0022", "alter table issues add column half_done int");
  const mended = store.call("init", ["/city", "taken", "taken"]);
  // Making this takes bd seconds, after the first look.
  while (place.dolt.sql("show databases like 'gc_spare%'").length === 0) await Bun.sleep(20);
  place.dolt.sql(
    "insert into taken.issues (id, title, description, design, acceptance_criteria, notes) values ('taken-1', 't', '', '', '', '')",
  );
  const { exit, stderr } = await mended;
  expect([exit, stderr]).toEqual([1, expect.stringContaining("it has beads")]);
  expect(place.dolt.sql("select id from taken.issues")).toEqual([{ id: "taken-1" }]);
  expect(place.dolt.sql("show databases like 'gc_spare%'")).toEqual([]);
}, 120_000);

test("an init whose runner or Dolt is killed in the middle of it goes on by itself, wherever it is", async () => {
  for (const [index, waitMs] of [200, 900, 2_000].entries()) {
    const name = `cut${index}`;
    const store = storeOf(name);
    await store.ok("start", []);
    const initialised = store.call("init", ["/city", name, name]);
    while (place.dolt.sql(`show databases like '${name}'`).length === 0) await Bun.sleep(20);
    await Bun.sleep(waitMs);
    if (index === 1) await place.dolt.kill();
    else place.kubectl("delete", "pod", `gc-beads-runner-${name}-0`, "--grace-period=0", "--force", "--wait=false");
    expect(await initialised).toMatchObject({ exit: 0, stderr: "" });
    const { id } = await store.create();
    expect((await store.get(id)).id).toBe(id);
  }
}, 400_000);

test("the first creates of an empty city on a busy machine are made once, or say what to do, in time", async () => {
  const store = storeOf("busy");
  const spinning = Array.from({ length: 4 }, () => Bun.spawn(["sh", "-c", "while :; do :; done"]));
  const titles = ["a", "b", "c", "d", "e", "f"];
  const outcomes = await Promise.all(titles.map((title) => store.call("create", [], JSON.stringify({ title }))));
  for (const { exit, stderr, ms } of outcomes) {
    if (exit !== 0) expect(stderr).toContain("try again");
    expect([exit === 0 || exit === 1, ms < 29_500]).toEqual([true, true]);
  }
  for (const child of spinning) child.kill();
  // What said so has gone on by itself.
  await Bun.sleep(outcomes.every(({ exit }) => exit === 0) ? 0 : 20_000);
  await store.create({ title: "later" });
  const seen = (await store.beads("list")).map(({ title }) => title).sort();
  const made = titles.filter((_, index) => outcomes[index]?.exit === 0);
  expect(seen.filter((title) => made.includes(title))).toEqual(made);
  expect(new Set(seen).size).toBe(seen.length);
}, 180_000);
