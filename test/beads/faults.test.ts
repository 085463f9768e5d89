import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Store, storeWith } from "./bead-rules.ts";
import { replaceBd, type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
let store: Store;

const CITY = { city: "faults", prefix: "fa", database: "faults" };

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init(CITY), place, "fa", "faults");
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

test("a create whose bd is killed after it has written is found by its nonce and not made twice", async () => {
  await store.create();
  // bd does its work, and its end looks as if it had been killed.
  replaceBd(
    place,
    CITY,
    `#!/bin/sh
/usr/local/bin/bd "$@"; code=$?
case $1 in create) rm -f /tmp/bin/bd; exit 137 ;; esac; exit $code`,
  );
  const made = await store.create({ title: "once" });
  const found = (await store.beads("list")).filter(({ title }) => title === "once");
  expect(found.map(({ id }) => id)).toEqual([made.id]);
}, 120_000);

test("a bd that ends with 2 is an error, whatever was asked of it", async () => {
  const [{ id }, { id: other }] = [await store.create(), await store.create()];
  replaceBd(place, CITY, "#!/bin/sh\necho 'too many rows' >&2\nexit 2");
  const calls: [string, string[], string?][] = [
    ...["list", "ready", "health", "probe", "recover"].map((op): [string, string[]] => [op, []]),
    ...["get", "close", "reopen", "children"].map((op): [string, string[]] => [op, [id]]),
    ["delete", ["--force", id]],
    ["list-by-label", ["l", "0"]],
    ["dep-add", [id, other, "blocks"]],
    ["dep-remove", [id, other]],
    ["create", [], '{"title":"t"}'],
    ["update", [id], '{"title":"t"}'],
    ["set-metadata", [id, "k"], "v"],
    ["dep-list", [id, "down"]],
    ["dep-list", [id, "up"]],
    ["purge", []],
    ["init", ["/city", "fa", "faults"]],
  ];
  const outcomes = await Promise.all(calls.map(([op, args, stdin]) => store.call(op, args, stdin)));
  place.kubectl("exec", RUNNER, "--", "rm", "/tmp/bin/bd");
  const seen = calls.map(([op], index) => `${op}: ${outcomes[index]?.exit}`);
  // init does not ask by way of the store, whose bd alone is another one here.
  expect(seen).toEqual(calls.map(([op]) => `${op}: ${op === "init" ? 0 : 1}`));
  expect((await store.get(id)).status).toBe("open");
}, 120_000);

test("a bead's reason to be closed outlives the runner, also when it came with the bead", async () => {
  const { id } = await store.create();
  await store.ok("set-metadata", [id, "close_reason"], "order 'done'\n");
  place.kubectl("delete", "pod", RUNNER, "--grace-period=0", "--force", "--wait=true");
  await store.ok("close", [id]);
  expect(reasonOf(id)).toBe("order 'done'");
  const { id: other } = await store.create({ metadata: { close_reason: "told at once" } });
  await store.ok("close", [other]);
  expect(reasonOf(other)).toBe("told at once");
  const { id: none } = await store.create();
  await store.ok("close", [none]);
  expect(reasonOf(none)).toBe("closed by gc");
}, 120_000);

/** The reason that bd itself has. */
function reasonOf(id: string): string | undefined {
  const [row] = JSON.parse(store.bd("show", id, "--json")) as { close_reason?: string }[];
  return row?.close_reason;
}
