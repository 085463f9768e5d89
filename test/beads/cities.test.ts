import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Store, storeWith } from "./bead-rules.ts";
import { type StoreName, type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;

beforeAll(async () => {
  place = await testPlace();
}, 180_000);
afterAll(() => place?.remove(), 60_000);

function storeOf(name: StoreName): Store {
  return storeWith(place.provider(name), place, name.prefix, name.city);
}

async function titles(store: Store): Promise<string[]> {
  return (await store.beads("list")).map(({ title }) => title).sort();
}

test("two cities and four prefixes side by side, of which two are the same, as are the paths", async () => {
  const names: StoreName[] = [
    { city: "alpha", prefix: "tc" },
    { city: "alpha", prefix: "rig-one" },
    { city: "Beta City", prefix: "tc" },
    { city: "Beta City", prefix: "x9" },
    // bd takes no database whose name begins with a digit.
    { city: "2 Cities", prefix: "tc" },
  ];
  const stores = names.map(storeOf);
  // The second city gets a database of its own for the prefix and path that the first one has.
  for (const [index, store] of stores.entries()) await store.ok("init", ["/city", names[index]?.prefix ?? ""]);
  await Promise.all(stores.map((store, index) => store.create({ title: `of ${index}` })));
  for (const [index, store] of stores.entries()) expect(await titles(store)).toEqual([`of ${index}`]);
  for (const [index, store] of stores.entries())
    expect((await store.beads("list"))[0]?.id).toStartWith(`${names[index]?.prefix}-`);
  const runners = place.kubectl("get", "statefulsets", "-l", "app=gc-beads-runner", "-o", "name").trim().split("\n");
  expect(runners).toHaveLength(3);
  expect((await stores[2]?.call("get", [(await stores[0]?.beads("list"))?.[0]?.id ?? ""]))?.exit).toBe(1);
}, 240_000);

test("a database of another city is refused, and what to do is said; so is one with another prefix", async () => {
  const [one, other] = [storeOf({ city: "one", prefix: "sh" }), storeOf({ city: "The Other", prefix: "sh" })];
  await one.ok("init", ["/city", "sh", "shared"]);
  await one.create({ title: "of one" });
  const said = await other.refused("init", ["/city", "sh", "shared"]);
  expect(said).toContain("belongs to city");
  expect(said).toContain('name another as dolt_database in "/city/.beads/metadata.json", such as "The_Other_sh"');
  expect(await one.refused("init", ["/city/rig", "zz", "shared"])).toContain('its beads have the prefix "sh"');
  expect(await titles(one)).toEqual(["of one"]);
}, 240_000);

test("of two cities that make one database at once the second leaves nothing in it", async () => {
  const cities = ["first", "second"];
  const inits = cities.map((city) =>
    storeOf({ city, prefix: "ra" }).call("init", ["/city", "ra", "raced"], undefined, { GC_K8S_CUSTOM_TYPES: city }),
  );
  const outcomes = await Promise.all(inits);
  expect(outcomes.map(({ exit }) => exit).sort()).toEqual([0, 1]);
  const owner = cities[outcomes.findIndex(({ exit }) => exit === 0)] ?? "";
  const [{ value } = {}] = place.dolt.sql("select value from raced.config where `key` = 'types.custom'");
  expect(cities.filter((city) => String(value).split(",").includes(city))).toEqual([owner]);
}, 240_000);

test("a rig's own server is asked with the rig's own account, and never with the city's", async () => {
  place.kubectl("expose", "service", "dolt", "--name=rig", "--port=3307", "--target-port=3307");
  place.dolt.sql("create user rig@'%' identified by 'of-the-rig'; grant all on *.* to rig@'%'");
  const env = {
    GC_DOLT_HOST: `rig.${place.namespace}.svc.cluster.local`,
    GC_DOLT_PORT: "3307",
    GC_DOLT_USER: "rig",
    GC_DOLT_PASSWORD: "of-the-rig",
  };
  const rig = storeOf({ city: "endpoint", prefix: "en", root: "/rig" });
  // The Secret of the city names an account, which the database of the city is made with.
  place.kubectl("patch", "secret", "dolt", `--patch=${JSON.stringify({ stringData: { user: "root" } })}`);
  const init = () => rig.call("init", ["/rig", "en", "endpoint_rig"], undefined, env);
  const refused = await init();
  expect([refused.exit, refused.stderr]).toEqual([1, expect.stringContaining('"endpoint_rig.password"')]);
  expect(refused.stderr).toContain("Access denied for user 'rig'");
  expect(refused.stderr).toContain("and not GC_DOLT_PASSWORD");
  expect(refused.stderr).not.toContain("of-the-rig");
  const own = { stringData: { "endpoint_rig.password": "of-the-rig" } };
  place.kubectl("patch", "secret", "dolt", `--patch=${JSON.stringify(own)}`);
  place.kubectl("delete", "pod", "gc-beads-runner-endpoint-0", "--wait=true");
  expect(await init()).toMatchObject({ exit: 0, stderr: "" });
  const who = JSON.parse(rig.bd("sql", "--json", "select current_user() as who")) as { who: string }[];
  expect(who).toEqual([{ who: "rig@%" }]);
  await rig.create();
}, 240_000);

test("two cities that both forgot their name cannot touch each other's beads", async () => {
  const named = (root: string) => ({ ...place.env({ city: "", prefix: "fo", root }), GC_K8S_CITY: "" });
  const provider = place.provider({ city: "", prefix: "fo" });
  const call = (root: string, op: string, ...args: string[]) => provider({ op, args, env: named(root) });
  expect((await call("/home/a", "init", "/home/a", "fo", "forgot")).exit).toBe(0);
  const list = await call("/home/b", "list");
  expect([list.exit, list.stdout]).toEqual([1, ""]);
  expect(list.stderr).toContain("GC_K8S_CITY");
  expect((await call("/home/b", "init", "/home/b", "fo", "forgot")).exit).toBe(1);
  expect((await call("/home/a", "list")).exit).toBe(0);
  // Somebody who names the city sets its store up again, and opens it to no other.
  const pod = place
    .kubectl("get", "pods", "-l", "app=gc-beads-runner", "-o", "name")
    .split("\n")
    .find((name) => /default/.test(name));
  place.kubectl("delete", pod ?? "", "--wait=true");
  const purged = await provider({ op: "purge", args: [], env: { ...named(""), GC_K8S_CITY: "default" } });
  expect([purged.exit, purged.stderr]).toEqual([0, ""]);
  expect((await call("/home/b", "list")).exit).toBe(1);
  expect((await call("/home/a", "list")).exit).toBe(0);
}, 180_000);

test("a city that is reached by a link is the same city", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "gc-linked-"));
  mkdirSync(join(scratch, "city/rig"), { recursive: true });
  symlinkSync(join(scratch, "city"), join(scratch, "link"));
  // gc resolves the path of a store, and not that of the city.
  const environment = (root: string) => ({ GC_K8S_CITY: "", GC_CITY: "", GC_CITY_PATH: root, GC_STORE_SCOPE: "" });
  const provider = place.provider({ city: "linked", prefix: "ln" });
  const call = async (root: string, store: string, op: string, ...args: string[]) =>
    (await provider({ op, args, env: { ...environment(root), GC_STORE_ROOT: store } })).stderr;
  const [city, link] = [join(scratch, "city"), join(scratch, "link")];
  expect(await call(link, city, "init", link, "ln", "linked")).toBe("");
  expect(await call(link, city, "list")).toBe("");
  expect(await call(city, city, "list")).toBe("");
  expect(await call(city, city, "init", city, "ln", "linked")).toBe("");
  rmSync(scratch, { recursive: true });
}, 120_000);

test("two rigs of a city cannot have one prefix, and a rig may be anywhere", async () => {
  const rig = storeOf({ city: "rigs", prefix: "ap", root: "/elsewhere/app" });
  await rig.ok("init", ["/elsewhere/app", "ap", "rigs_ap"]);
  await rig.create({ title: "of the rig" });
  expect(await rig.refused("init", ["/elsewhere/other", "ap", "other_ap"])).toContain("a prefix of its own");
  expect(await titles(rig)).toEqual(["of the rig"]);
  // gc names each rig's database after its prefix; of a rig that was moved nothing is left where it was.
  const scratch = mkdtempSync(join(tmpdir(), "gc-rigs-"));
  const [first, second] = [join(scratch, "first"), join(scratch, "second")];
  for (const path of [first, second]) mkdirSync(path);
  await rig.ok("init", [first, "aq", "aq"]);
  expect(await rig.refused("init", [second, "aq", "aq"])).toContain("a prefix of its own");
  rmSync(first, { recursive: true });
  await rig.ok("init", [second, "aq", "aq"]);
  rmSync(scratch, { recursive: true });
}, 180_000);

test("names that a label or an object could not hold are told apart", async () => {
  const cities = ["Größe 1", "groesse-1", "a".repeat(80), `${"a".repeat(79)}b`];
  for (const [index, city] of cities.entries()) {
    const store = storeOf({ city, prefix: "na" });
    await store.ok("init", ["/city", "na", `names${index}`]);
    await store.create({ title: city });
  }
  for (const city of cities) expect(await titles(storeOf({ city, prefix: "na" }))).toEqual([city]);
}, 300_000);
