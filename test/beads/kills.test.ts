import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Store, storeWith } from "./bead-rules.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
let store: Store;

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init({ city: "kills", prefix: "ki", database: "kills" }), place, "ki", "kills");
}, 180_000);
afterAll(() => place?.remove(), 60_000);

/** `npm run test:fault -- beads-kills` makes all of the writes and kills, which takes 6 minutes; `npm test` a part. */
const SHARE = Number(process.env["GC_TEST_BEADS_SHARE"] ?? 0.2);
const CREATES = { clients: 16, each: Math.ceil(50 * SHARE) };
const UPDATES = { clients: 8, each: Math.ceil(25 * SHARE) };
const KILLS = Math.ceil(20 * SHARE);

test("every acknowledged write is there once, and no other twice, while runner and Dolt are killed", async () => {
  const targets = [await store.create(), await store.create(), await store.create()];
  const titles: string[] = [];
  const keys: [string, string][] = [];
  let ended = 0;
  const writers = [
    ...Array.from({ length: CREATES.clients }, async (_, client) => {
      for (let i = 0; i < CREATES.each; i++, ended++) {
        const title = `c${client}-${i}`;
        const { exit } = await store.call("create", [], JSON.stringify({ title, ephemeral: i % 3 === 0 }));
        if (exit === 0) titles.push(title);
      }
    }),
    ...Array.from({ length: UPDATES.clients }, async (_, client) => {
      for (let i = 0; i < UPDATES.each; i++, ended++) {
        const { id } = targets[i % targets.length] ?? { id: "" };
        const key = `k${client}-${i}`;
        const { exit } = await store.call("set-metadata", [id, key], key);
        if (exit === 0) keys.push([id, key]);
      }
    }),
  ];
  const wanted = CREATES.clients * CREATES.each + UPDATES.clients * UPDATES.each;
  // One after every so many writes, so that there is something between two kills.
  for (let kill = 0; kill < KILLS; kill++) {
    while (ended < ((kill + 0.5) * wanted) / KILLS) await Bun.sleep(100);
    if (kill % 2) await place.dolt.kill();
    else
      place.kubectl(
        "delete",
        "pod",
        "gc-beads-runner-kills-0",
        "--grace-period=0",
        "--force",
        "--wait=false",
        "--ignore-not-found",
      );
  }
  await Promise.all(writers);
  await place.dolt.waitUntilReady();
  await store.ok("recover", []);
  const seen = (await store.beads("list")).map(({ title }) => title).filter((title) => /^c\d/.test(title));
  process.stderr.write(
    `${wanted} writes, ${KILLS} kills: ${titles.length} creates and ${keys.length} updates acknowledged\n`,
  );
  expect(new Set(seen).size).toBe(seen.length);
  expect(titles.filter((title) => !seen.includes(title))).toEqual([]);
  const kept = new Map<string, Record<string, string>>();
  for (const { id } of targets) kept.set(id, (await store.get(id)).metadata ?? {});
  expect(keys.filter(([id, key]) => kept.get(id)?.[key] !== key)).toEqual([]);
  expect(titles.length + keys.length).toBeGreaterThan(wanted / 2);
}, 1_800_000);
