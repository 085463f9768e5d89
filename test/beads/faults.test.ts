import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Store, storeWith } from "./bead-rules.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
let store: Store;

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init({ city: "faults", prefix: "fa", database: "faults" }), place, "fa", "faults");
}, 180_000);
afterAll(() => place?.remove(), 60_000);

const RUNNER = "gc-beads-runner-faults-0";

test("Dolt that is away is an error that says so, never an answer; when it is back everything is there", async () => {
  const { id } = await store.create();
  place.kubectl("scale", "statefulset", "dolt", "--replicas=0");
  place.kubectl("wait", "pod", "dolt-0", "--for=delete", "--timeout=60s");
  const outcomes = await Promise.all([
    store.call("list", []),
    store.call("get", [id]),
    store.call("get", ["fa-nope1"]),
    store.call("close", [id]),
    store.call("create", [], '{"title":"unseen"}'),
    store.call("health", []),
    store.call("probe", []),
  ]);
  for (const { exit, stdout, stderr, ms } of outcomes) {
    expect([exit, stdout]).toEqual([1, ""]);
    expect(stderr).not.toMatch(/not found|no issue found/i);
    expect(ms).toBeLessThan(29_500);
  }
  place.kubectl("scale", "statefulset", "dolt", "--replicas=1");
  await store.ok("recover", []);
  expect((await store.get(id)).status).toBe("open");
  expect((await store.beads("list")).filter(({ title }) => title === "unseen")).toEqual([]);
}, 240_000);

test("a database that was there and is gone is an error, not an empty store", async () => {
  const gone = storeWith(await place.init({ city: "faults", prefix: "go", database: "going" }), place, "go", "faults");
  await gone.create();
  place.dolt.sql("drop database `going`");
  expect((await gone.call("list", [])).exit).toBe(1);
  place.kubectl("delete", "pod", RUNNER, "--grace-period=0", "--force", "--wait=true");
  const { exit, stdout, stderr } = await gone.call("list", []);
  expect([exit, stdout]).toEqual([1, ""]);
  expect(stderr).toContain('no longer has their database "going"');
}, 180_000);

test("a create whose bd is killed after it has written is found by its nonce and not made twice", async () => {
  // bd does its work, and its end looks as if it had been killed.
  const script = `#!/bin/sh
/usr/local/bin/bd "$@"; code=$?
case $1 in create) rm -f /tmp/bin/bd; exit 137 ;; esac; exit $code`;
  const install =
    "mkdir -p /tmp/bin && cat >/tmp/bin/bd && chmod +x /tmp/bin/bd && printf 'PATH=/tmp/bin:$PATH\\n' >>/run/gc-beads/scopes/fa/env";
  await store.create();
  Bun.spawnSync(
    [
      place.cluster.kubectl,
      "--kubeconfig",
      place.cluster.kubeconfig,
      "-n",
      place.namespace,
      "exec",
      "-i",
      RUNNER,
      "--",
      "sh",
      "-c",
      install,
    ],
    { stdin: new TextEncoder().encode(script) },
  );
  const made = await store.create({ title: "once" });
  const found = (await store.beads("list")).filter(({ title }) => title === "once");
  expect(found.map(({ id }) => id)).toEqual([made.id]);
}, 120_000);

/** `GC_TEST_BEADS_SHARE=0.1` makes a tenth of the writes and kills, for a look in between. */
const SHARE = Number(process.env["GC_TEST_BEADS_SHARE"] ?? 1);
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
    else place.kubectl("delete", "pod", RUNNER, "--grace-period=0", "--force", "--wait=false", "--ignore-not-found");
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
