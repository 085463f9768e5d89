import { afterAll, beforeAll, expect, test } from "bun:test";
import { endPod } from "../support/end-pod.ts";
import { type Store, storeWith } from "./bead-rules.ts";
import { type StoreName, type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;

beforeAll(async () => {
  place = await testPlace();
}, 180_000);
afterAll(() => place?.remove(), 60_000);

/** The store of a city of this name, with nothing made yet. */
function storeOf(name: StoreName): Store {
  return storeWith(place.provider(name), place, name.prefix, name.city);
}

function podUid(city: string): string {
  return place.kubectl("get", "pod", `gc-beads-runner-${city}-0`, "-o", "jsonpath={.metadata.uid}");
}

test("a city from nothing: probe and health fail, init makes it all, a bead is made; in time", async () => {
  const store = storeOf({ city: "fresh", prefix: "fr" });
  for (const op of ["probe", "health"]) await store.refused(op, []);
  await store.ok("stop", []);
  const began = performance.now();
  await store.ok("init", ["/city", "fr", "fresh"]);
  const { id } = await store.create();
  expect(performance.now() - began).toBeLessThan(20_000);
  expect((await store.get(id)).id).toBe(id);
  for (const op of ["probe", "health", "start", "recover", "ensure-ready"]) expect(await store.ok(op, [])).toBe("");
}, 120_000);

test("a data operation alone makes runner and store, under the name that gc would give it", async () => {
  const store = storeOf({ city: "lazy", prefix: "lz" });
  const { id } = await store.create();
  expect(id).toStartWith("lz-");
  expect(place.dolt.sql("select count(*) as n from hq.issues")).toEqual([{ n: "1" }]);
  // It is recorded as one that init made: its loss is no success, and nothing empty takes its place.
  await store.ok("health", []);
  place.dolt.sql("drop database hq");
  for (const op of ["health", "probe"]) await store.refused(op, []);
  place.kubectl("delete", "pod", "gc-beads-runner-lazy-0", "--grace-period=0", "--force", "--wait=true");
  for (const op of ["health", "probe"]) await store.refused(op, []);
  const { exit, stderr } = await store.call("create", [], '{"title":"t"}');
  expect([exit, stderr]).toEqual([1, expect.stringContaining('no longer has their database "hq"')]);
  expect(place.dolt.sql("show databases like 'hq'")).toEqual([]);
}, 120_000);

test("init makes no empty store where its own record says there was one, until it is told that the beads are lost", async () => {
  const store = storeOf({ city: "loss", prefix: "ls" });
  await store.ok("init", ["/city", "ls", "loss"]);
  const { id } = await store.create();
  place.dolt.sql("drop database loss");
  for (const args of [
    ["/city", "ls", "loss"],
    ["/city", "ls"],
  ]) {
    const { exit, stderr } = await store.call("init", args);
    expect([exit, stderr]).toEqual([
      1,
      expect.stringContaining('no longer has their database "loss": restore a backup'),
    ]);
    const [, command = ""] = /kubectl (-n .*)\n$/.exec(stderr) ?? [];
    expect(command).toContain("annotate statefulset gc-beads-runner-loss gc-beads-scopes-");
  }
  expect(place.dolt.sql("show databases like 'loss'")).toEqual([]);
  place.kubectl("annotate", "statefulset", "gc-beads-runner-loss", "gc-beads-scopes-");
  await store.ok("init", ["/city", "ls", "loss"]);
  await store.notFound("get", [id]);
}, 120_000);

test("a prefix may be any word: dash, whose name a file of ours had; the actor is who gc says", async () => {
  const store = storeOf({ city: "words", prefix: "dash" });
  for (const prefix of ["other", "dash"]) await store.ok("init", [`/city/${prefix}`, prefix, `words_${prefix}`]);
  for (const one of [store, storeOf({ city: "words", prefix: "other" })])
    expect((await one.get((await one.create({ description: "-" })).id)).description).toBe("-");
  const { stdout } = await store.call("create", [], '{"title":"t"}', { BEADS_ACTOR: "a mayor" });
  const { id } = JSON.parse(stdout) as { id: string };
  await store.call("close", [id], undefined, { BEADS_ACTOR: "a deacon" });
  expect(place.dolt.sql(`select created_by from words_dash.issues where id = '${id}'`)).toEqual([
    { created_by: "a mayor" },
  ]);
  const actors = place.dolt.sql(`select distinct actor from words_dash.events where issue_id = '${id}' order by actor`);
  expect(actors).toEqual([{ actor: "a deacon" }, { actor: "a mayor" }]);
}, 180_000);

test("init again changes nothing: beads, types, record and the pod stay", async () => {
  const store = storeOf({ city: "again", prefix: "ag" });
  await store.ok("init", ["/city", "ag", "again"]);
  const { id } = await store.create({ type: "gc:session" });
  const before = podUid("again");
  await store.ok("init", ["/city", "ag", "again"]);
  await store.ok("init", ["/city", "ag"]);
  await store.ok("start", []);
  expect([(await store.get(id)).id, podUid("again")]).toEqual([id, before]);
}, 120_000);

test("stop ends the runner within its time, twice; the next operation finds every bead again", async () => {
  const store = storeOf({ city: "stops", prefix: "st" });
  await store.ok("init", ["/city", "st", "stops"]);
  const { id } = await store.create({ title: "kept" });
  const began = performance.now();
  await store.ok("stop", []);
  expect(performance.now() - began).toBeLessThan(15_000);
  await store.ok("shutdown", []);
  for (const op of ["probe", "health"]) await store.refused(op, []);
  expect((await store.get(id)).title).toBe("kept");
  await store.ok("health", []);
  // It ends because it is told to, not because its grace of a second is over.
  place.kubectl(...endPod("gc-beads-runner-stops-0"));
  const ended = "jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}";
  for (let code = ""; code !== "0"; code = place.kubectl("get", "pod", "gc-beads-runner-stops-0", "-o", ended))
    await Bun.sleep(200);
}, 120_000);

test("a runner that is lost, or whose state is, is made again by any operation; health tells, recover mends", async () => {
  const store = storeOf({ city: "lost", prefix: "lo" });
  await store.ok("init", ["/city", "lo", "lost"]);
  const { id } = await store.create();
  place.kubectl("delete", "pod", "gc-beads-runner-lost-0", "--grace-period=0", "--force", "--wait=true");
  expect((await store.get(id)).id).toBe(id);
  place.kubectl("exec", "gc-beads-runner-lost-0", "--", "rm", "-rf", "/run/gc-beads/scopes/lo");
  await store.refused("health", []);
  await store.ok("recover", []);
  await store.ok("health", []);
  // Its pod answers as long as it is there.
  place.kubectl("delete", "statefulset", "gc-beads-runner-lost", "--cascade=foreground", "--wait=true");
  // Without a record the store is found by the name that gc gives it, which is another one here.
  await store.refused("get", [id]);
  await store.ok("init", ["/city", "lo", "lost"]);
  expect((await store.get(id)).id).toBe(id);
}, 180_000);

test("start replaces a runner that is out of date with the settings, and only then", async () => {
  const name = { city: "drift", prefix: "dr" };
  const store = storeOf(name);
  await store.ok("start", []);
  const before = podUid("drift");
  await store.ok("start", []);
  expect(podUid("drift")).toBe(before);
  const changed = { GC_K8S_BEADS_MEM_REQUEST: "48Mi", GC_K8S_DOLT_USER: "somebody" };
  const { exit, stderr } = await place.provider(name)({ op: "start", args: [], env: changed });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(podUid("drift")).not.toBe(before);
  const path = "jsonpath={.spec.containers[0].resources.requests.memory} {.metadata.annotations.gc-beads-spec}";
  expect(place.kubectl("get", "pod", "gc-beads-runner-drift-0", "-o", path)).toStartWith("48Mi ");
}, 180_000);

test("what cannot work says why: no image, an image that is not there, names that are illegal", async () => {
  const store = place.provider({ city: "bad", prefix: "ba" });
  const said = async (op: string, args: string[], env: Record<string, string>) =>
    (await store({ op, args, env })).stderr;
  expect(await said("start", [], { GC_K8S_BEADS_IMAGE: "", GC_K8S_IMAGE: "" })).toContain("GC_K8S_IMAGE is required");
  expect(await said("start", [], { GC_K8S_BEADS_IMAGE: "local/none:1" })).toMatch(/ErrImage|ImagePull/);
  expect(await said("init", ["/city", "1x"], {})).toContain('Cannot use the prefix "1x"');
  expect(await said("init", ["/city", "ba", "mysql"], {})).toContain('Cannot use the database "mysql"');
  expect(await said("init", ["/city", "ba", "a;b"], {})).toContain('Cannot use the database "a;b"');
  expect(await said("init", ["/city"], {})).toContain("usage: init");
  expect(await said("init", ["/city", "ba"], { GC_DOLT_HOST: "dolt.example" })).toContain(
    "requires both GC_DOLT_HOST and GC_DOLT_PORT",
  );
  expect(await said("list", [], { GC_BEADS_PREFIX: "" })).toContain("GC_BEADS_PREFIX is not set");
}, 120_000);

test("operations that are none end with 2, those of old names too; nothing else does", async () => {
  const store = storeOf({ city: "none", prefix: "no" });
  for (const op of ["config-set", "mol-cook", "no-such", "constructor"])
    expect(await store.call(op, [])).toMatchObject({ exit: 2, stdout: "" });
  expect((await store.call("", [])).exit).toBe(1);
});

test("the password is in no object, argument, environment or error; a wrong one is told without it", async () => {
  const store = storeOf({ city: "secret", prefix: "se" });
  await store.ok("init", ["/city", "se", "secret"]);
  const objects = place.kubectl("get", "pods,statefulsets,events", "-o", "yaml");
  expect(objects).not.toContain(place.dolt.password);
  // While bd runs, too; its environment has it, which only its own user may read.
  const look =
    "cat /proc/1/environ; while [ ! -e /tmp/enough ]; do cat /proc/[0-9]*/cmdline; sleep 0.02; done 2>/dev/null";
  const { kubectl, kubeconfig } = place.cluster;
  const exec = [kubectl, "--kubeconfig", kubeconfig, "-n", place.namespace, "exec", "gc-beads-runner-secret-0", "--"];
  const watching = Bun.spawn([...exec, "sh", "-c", look], { stdout: "pipe" });
  for (let time = 0; time < 3; time++) await store.create();
  await store.ok("init", ["/city", "se", "secret"]);
  place.kubectl("exec", "gc-beads-runner-secret-0", "--", "touch", "/tmp/enough");
  const processes = (await watching.stdout.text()).replaceAll("\0", " ");
  expect(processes).toContain(" bd create --json");
  expect(processes).not.toContain(place.dolt.password);
  const files = place.kubectl("exec", "gc-beads-runner-secret-0", "--", "sh", "-c", "cat /run/gc-beads/scopes/*/env");
  expect(files).not.toContain(place.dolt.password);
  place.kubectl("create", "secret", "generic", "wrong", "--from-literal=password=not-the-right-one");
  const wrong = place.provider({ city: "wrong", prefix: "wr" });
  const { exit, stderr } = await wrong({
    op: "init",
    args: ["/city", "wr", "wrong"],
    env: { GC_K8S_DOLT_ACCESS: "wrong" },
  });
  expect([exit, stderr.includes("Access denied"), stderr.includes("not-the-right-one")]).toEqual([1, true, false]);
}, 180_000);
