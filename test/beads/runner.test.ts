import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Store, storeWith } from "./bead-rules.ts";
import { replaceBd, type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;

beforeAll(async () => {
  place = await testPlace();
}, 180_000);
afterAll(() => place?.remove(), 60_000);

/** A store whose city, prefix and database have one name. */
function storeOf(name: string): Store {
  return storeWith(place.provider({ city: name, prefix: name }), place, name, name);
}

function podOf(name: string): string {
  return `gc-beads-runner-${name}-0`;
}

/** Runs a shell script in the runner; resolves with its output. */
async function inRunner(name: string, script: string): Promise<string> {
  const { kubectl, kubeconfig } = place.cluster;
  const flags = ["--kubeconfig", kubeconfig, "--namespace", place.namespace];
  const child = Bun.spawn([kubectl, ...flags, "exec", podOf(name), "--", "sh", "-c", script], { stdout: "pipe" });
  return await child.stdout.text();
}

test("start replaces a runner whose image is not there, at once or after a stop", async () => {
  const isReplaced = async (name: string, ops: string[]) => {
    const store = storeOf(name);
    const bad = await store.call("start", [], undefined, { GC_K8S_BEADS_IMAGE: "local/none:1" });
    expect([bad.exit, /ErrImage|ImagePull/.test(bad.stderr)]).toEqual([1, true]);
    for (const op of ops) await store.ok(op, []);
    await store.ok("init", ["/city", name, name]);
  };
  await Promise.all([isReplaced("atonce", ["start"]), isReplaced("afterstop", ["stop", "start"])]);
}, 120_000);

test("a pod that fits on no node is waited for to the end; start with other settings replaces it", async () => {
  const store = storeOf("huge");
  const huge = { GC_K8S_BEADS_CPU_REQUEST: "1000" };
  const { exit, stderr, ms } = await store.call("create", [], '{"title":"t"}', huge);
  expect([exit, stderr]).toEqual([1, expect.stringContaining("Unschedulable")]);
  // An autoscaler's node takes longer than an image that is not there is given.
  expect([ms > 24_000, ms < 29_500]).toEqual([true, true]);
  await store.ok("start", []);
}, 120_000);

test("starts of different settings do not delete each other's runner for ever", async () => {
  const store = storeOf("quarrel");
  const calls = ["33Mi", "34Mi", "35Mi"].map((request) =>
    store.call("start", [], undefined, { GC_K8S_BEADS_MEM_REQUEST: request }),
  );
  const outcomes = await Promise.all(calls);
  expect(outcomes.some(({ exit }) => exit === 0)).toBe(true);
  for (const { exit, stderr } of outcomes) if (exit !== 0) expect(stderr).toContain("other settings");
  await store.ok("start", []);
}, 120_000);

test("any user of the image does", async () => {
  const store = storeOf("user");
  await store.ok("start", []);
  const user = { runAsUser: 1234567, runAsGroup: 7654321, fsGroup: 7654321 };
  const patch = JSON.stringify({ spec: { template: { spec: { securityContext: user } } } });
  const set = podOf("user").replace(/-0$/, "");
  place.kubectl("patch", "statefulset", set, "--type=merge", `--patch=${patch}`);
  place.kubectl("rollout", "status", `statefulset/${set}`, "--timeout=60s");
  await store.ok("init", ["/city", "user", "user"]);
  const { id } = await store.create({ description: "-" });
  expect((await store.get(id)).description).toBe("-");
  expect((await inRunner("user", "id -u; id -g")).trim()).toBe("1234567\n7654321");
}, 120_000);

test("of many operations at once no more run bd than the memory is enough for, and all succeed", async () => {
  const city = { city: "crowd", prefix: "crowd", database: "crowd" };
  const store = storeOf("crowd");
  const limited = { GC_K8S_BEADS_MEM_LIMIT: "700Mi" };
  const init = await store.call("init", ["/city", "crowd", "crowd"], undefined, limited);
  expect(init).toMatchObject({ exit: 0, stderr: "" });
  const { id } = await store.create();
  replaceBd(place, city, BD_THAT_IS_COUNTED);
  const outcomes = await Promise.all(Array.from({ length: 12 }, () => store.call("list", [])));
  for (const { exit, stdout, stderr } of outcomes)
    expect([exit, stderr, stdout]).toEqual([0, "", expect.stringContaining(`"id":"${id}"`)]);
  let running = 0;
  const changes = (await inRunner("crowd", "cat /tmp/running")).trim().split("\n");
  expect(changes.length).toBeGreaterThanOrEqual(24);
  // The memory is enough for two, and two there are.
  expect(Math.max(...changes.map((change) => (running += Number(change))))).toBe(2);
}, 120_000);

/**
 * A bd that writes down when it begins and ends. Looking at the node's processes would not do: they change while one
 * looks at one after another, so that one too many is seen.
 */
const BD_THAT_IS_COUNTED = `#!/bin/sh
echo +1 >>/tmp/running
/usr/local/bin/bd "$@"
ended=$?
echo -1 >>/tmp/running
exit $ended`;
