import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Store, storeWith } from "./bead-rules.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
let store: Store;

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init({ city: "exact", prefix: "ex", database: "exact" }), place, "ex", "exact");
}, 180_000);
afterAll(() => place?.remove(), 60_000);

/** A bead that we have just seen and that an agent then deletes, and its only child, for which bd would take its id. */
async function orphan(): Promise<{ gone: string; child: string }> {
  const { id } = await store.create();
  const { id: child } = JSON.parse(store.bd("create", "--json", "--title=child", `--parent=${id}`)) as { id: string };
  expect(child).toBe(`${id}.1`);
  await store.ok("set-metadata", [id, "seen"], "just now");
  store.bd("delete", "--force", id);
  return { gone: id, child };
}

/** What is remembered of beads is forgotten after at most so long. */
const MEMORY_MS = 10_000;

test("a bead that an agent has deleted is not found, and its child is left alone", async () => {
  const { gone, child } = await orphan();
  const { gone: remembered, child: other } = await orphan();
  const before = [await store.get(child), await store.get(other)];
  for (const id of [gone, remembered]) {
    await store.notFound("delete", ["--force", id]);
    await store.notFound("reopen", [id]);
    await store.notFound("update", [id], "{}");
  }
  await Bun.sleep(MEMORY_MS);
  for (const id of [gone, remembered]) {
    await store.notFound("close", [id]);
    await store.notFound("update", [id], '{"title":"another"}');
    expect((await store.call("set-metadata", [id, "k"], "v")).exit).toBe(1);
    await store.notFound("dep-add", [id, child, "blocks"]);
    expect(await store.refused("dep-add", [child, id, "blocks"])).toContain(`there is no bead "${id}"`);
  }
  // The edge to the child is not taken for one to what its id begins with.
  await store.ok("dep-add", [child, other, "blocks"]);
  await store.ok("dep-remove", [child, remembered]);
  expect(JSON.parse(await store.ok("dep-list", [child, "down"]))).toHaveLength(1);
  await store.ok("dep-remove", [child, other]);
  expect([await store.get(child), await store.get(other)]).toEqual(before);
}, 180_000);

test("a bead that needs one which an agent has deleted is not made, though bd would take a child for it", async () => {
  const { gone, child } = await orphan();
  for (const needs of [[gone], [`tracks:${gone}`], [gone, gone]]) {
    const request = JSON.stringify({ title: "needy", needs });
    expect(await store.refused("create", [], request)).toContain(`it needs bead "${gone}", which does not exist`);
  }
  const refused = await store.refused("create", [], JSON.stringify({ title: "needy", parent_id: gone }));
  expect(refused).toContain(`it needs bead "${gone}", which does not exist`);
  // For bd both are the child, and it refuses to have that twice.
  for (const needs of [
    [child, gone],
    [child, `tracks:${gone}`],
  ])
    await store.refused("create", [], JSON.stringify({ title: "needy", needs }));
  // Two children have ids that begin so.
  store.bd("create", "--json", "--title=second", `--id=${gone}.2`);
  expect(await store.refused("create", [], JSON.stringify({ title: "needy", needs: [gone] }))).toContain(
    `it needs bead "${gone}", which does not exist`,
  );
  // What bd would complete, or take for something of another project.
  for (const parent_id of [child.slice("ex-".length), "external:project:capability", "zz-nope", "clerk", "a,b"])
    expect(await store.refused("create", [], JSON.stringify({ title: "needy", parent_id }))).toContain(
      `it needs bead "${parent_id}", which does not exist`,
    );
  expect(store.bd("list", "--all", "--json")).not.toContain("needy");
  const edges = JSON.parse(await store.ok("dep-list", [child, "up"])) as unknown[];
  expect(edges).toEqual([]);
}, 120_000);

test("a bead that we have deleted ourselves is not remembered", async () => {
  const { id } = await store.create();
  const { id: child } = JSON.parse(store.bd("create", "--json", "--title=child", `--parent=${id}`)) as { id: string };
  await store.ok("delete", ["--force", id]);
  const before = await store.get(child);
  await store.notFound("close", [id]);
  await store.notFound("update", [id], '{"title":"another"}');
  expect(await store.get(child)).toEqual(before);
}, 120_000);

test("what a bead's own metadata says is no id of a bead", async () => {
  const { id } = await store.create({ metadata: { id: "ex-nope1", close_reason: "not this" } });
  for (const op of ["close", "update", "reopen"]) await store.notFound(op, ["ex-nope1"], '{"parent_id":"ex-nope1"}');
  const error = await store.refused("update", [id], '{"parent_id":"ex-nope1"}');
  expect(error).toContain('there is no bead "ex-nope1"');
}, 120_000);

test("a parent whose id begins with the bead's own is not that bead", async () => {
  const { id } = await store.create();
  const parent = `${id}.1`;
  expect(await store.refused("update", [id], JSON.stringify({ parent_id: parent }))).toContain(`no bead "${parent}"`);
  expect(await store.refused("dep-add", [id, parent, "blocks"])).toContain(`no bead "${parent}"`);
}, 60_000);
