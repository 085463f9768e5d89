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
  const gone = storeWith(await place.init({ city: "gone", prefix: "go", database: "going" }), place, "go", "gone");
  await gone.create();
  place.dolt.sql("drop database `going`");
  expect((await gone.call("list", [])).exit).toBe(1);
  place.kubectl("delete", "pod", "gc-beads-runner-gone-0", "--grace-period=0", "--force", "--wait=true");
  const { exit, stdout, stderr } = await gone.call("list", []);
  expect([exit, stdout]).toEqual([1, ""]);
  expect(stderr).toContain('no longer has their database "going"');
}, 180_000);

/** Puts a script in the place of bd, for the operations of this store, until the script takes itself away. */
function replaceBd(script: string): void {
  const install = `mkdir -p /tmp/bin && printf '%s' "$1" >/tmp/bin/bd && chmod +x /tmp/bin/bd
grep -q /tmp/bin: "$2" || printf 'PATH=/tmp/bin:$PATH\\n' >>"$2"`;
  place.kubectl("exec", RUNNER, "--", "sh", "-c", install, "sh", script, "/run/gc-beads/scopes/fa/env");
}

test("a create whose bd is killed after it has written is found by its nonce and not made twice", async () => {
  await store.create();
  // bd does its work, and its end looks as if it had been killed.
  replaceBd(`#!/bin/sh
/usr/local/bin/bd "$@"; code=$?
case $1 in create) rm -f /tmp/bin/bd; exit 137 ;; esac; exit $code`);
  const made = await store.create({ title: "once" });
  const found = (await store.beads("list")).filter(({ title }) => title === "once");
  expect(found.map(({ id }) => id)).toEqual([made.id]);
}, 120_000);

test("a bd that ends with 2 is an error, whatever was asked of it", async () => {
  const { id } = await store.create();
  replaceBd("#!/bin/sh\necho 'too many rows' >&2\nexit 2");
  const calls: [string, string[], string?][] = [
    ...["list", "ready", "health", "probe", "recover"].map((op): [string, string[]] => [op, []]),
    ...["get", "close", "reopen"].map((op): [string, string[]] => [op, [id]]),
    ["create", [], '{"title":"t"}'],
    ["update", [id], '{"title":"t"}'],
    ["set-metadata", [id, "k"], "v"],
    ["dep-list", [id, "down"]],
    ["init", ["/city", "fa", "faults"]],
  ];
  const outcomes = await Promise.all(calls.map(([op, args, stdin]) => store.call(op, args, stdin)));
  place.kubectl("exec", RUNNER, "--", "rm", "/tmp/bin/bd");
  const seen = calls.map(([op], index) => `${op}: ${outcomes[index]?.exit}`);
  // bd's own identity of the store is no question to bd: init has nothing to make here.
  expect(seen.filter((line) => !line.startsWith("init"))).toEqual(
    calls.filter(([op]) => op !== "init").map(([op]) => `${op}: 1`),
  );
  expect((await store.get(id)).status).toBe("open");
}, 120_000);
