import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { until } from "../conformance/until.ts";
import { command, commandPath, type Outcome } from "../settings/command.ts";
import { clusterStatus, type TestCluster } from "../support/cluster.ts";
import { type Agent, newToken, startConfig } from "../support/gc/agent.ts";
import { beadProcess, startBeads } from "../support/gc/bead-process.ts";
import { type City, makeCity } from "../support/gc/city.ts";
import { type GcProcess, gcProcess } from "../support/gc/gc-process.ts";
import { startAgent } from "../support/gc/start-agent.ts";
import { userKubeconfig } from "./user-kubeconfig.ts";

/** What somebody does on the first day, as the README says it: nothing is made for them but the cluster. */
const SESSIONS = 10;
/** Sessions that gc starts at a time. */
const AT_ONCE = 4;

const root = join(import.meta.dir, "../..");
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-cities-"));
const namespace = `cities-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
const [blue, green] = [makeCity(), makeCity()];
let cluster: TestCluster;
let env: Record<string, string>;
/** gc's own kubeconfig: the account that install made for it, and nothing beyond its rights. */
let controller = "";

/** A city at work: its gc, its beads, and its beads' ids. */
interface WorkingCity {
  name: string;
  city: City;
  gc: GcProcess;
  beads: GcProcess;
  done: string[];
}
const working: WorkingCity[] = [];

beforeAll(async () => {
  cluster = await clusterStatus(process.env["GC_TEST_CLUSTER"]);
  env = { KUBECONFIG: cluster.kubeconfig, GC_K8S_NAMESPACE: namespace, GC_K8S_IMAGE: cluster.beadsImage };
}, 60_000);
afterAll(() => {
  kubectl("delete", "namespace", namespace, "--wait=false");
  rmSync(scratch, { recursive: true });
  for (const city of [blue, green]) city.remove();
}, 60_000);

test("two cities are installed in a namespace that was not there, and the doctor finds nothing wrong", async () => {
  await gcK8s("install", "--city", "blue", "--dolt-image", cluster.beadsImage);
  // From here on nothing gets in that the strictest level forbids.
  kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
  await gcK8s("install", "--city", "green");
  controller = userKubeconfig(
    { kubectl: (...args) => kubectl("-n", namespace, ...args), env: () => env },
    "gc-controller",
    scratch,
  );
  for (const [name, city] of Object.entries({ blue, green })) working.push(await addPack(name, city));
  for (const { city } of working) {
    const { stdout } = await run(["doctor"], join(city.path, "packs/gc-k8s/gc-k8s"));
    expect(stdout).toContain("Nothing keeps a city from working here.");
    expect(stdout).not.toMatch(/^error/m);
  }
}, 120_000);

test("ten sessions of each city take a bead each, do what it asks and close it", async () => {
  await Promise.all(working.map(({ beads, city, name }) => startBeads(beads, city.path, name)));
  const queue = working.flatMap((each) => Array.from({ length: SESSIONS }, (_, index) => ({ each, index })));
  const takeNext = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await workOnBead(next.each, next.index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeNext));
  for (const { beads, done, name } of working) {
    const all = JSON.parse(await beads.value("list")) as { id: string; status: string }[];
    // Neither sees a bead of the other's.
    expect(all.map(({ id }) => id).sort()).toEqual(done.toSorted());
    expect(all.every(({ id, status }) => status === "closed" && id.startsWith(`${name}-`))).toBe(true);
    expect(done).toHaveLength(SESSIONS);
  }
}, 240_000);

test("status shows each city its own sessions, and what serves them", async () => {
  for (const { name } of working) {
    const { stdout } = await gcK8s("status", "--city", name);
    expect(stdout).toContain(`City "${name}" in namespace "${namespace}": ${SESSIONS} sessions, ${SESSIONS} Running`);
    expect(stdout.split("\n").filter((line) => /^clerk-\d+ +Running /.test(line))).toHaveLength(SESSIONS);
    expect(stdout).toMatch(/^runner +gc-beads-runner-\w+-0 +Ready /m);
    expect(stdout).toMatch(/^dolt +dolt-0 +Ready /m);
  }
});

test("one city is removed, and the other does not notice", async () => {
  const before = uids("blue");
  await gcK8s("uninstall", "--city", "green", "--stop-sessions");
  await until(() => uids("green").length === 0, 60_000);
  expect(uids("blue")).toEqual(before);
  const gone = await gcK8s("status", "--city", "green");
  expect(gone.stdout).toContain(": 0 sessions");
  expect(gone.stderr).toContain('City "green" is not installed');
  await assertAtWork("blue");
}, 120_000);

test("the other is upgraded, and its sessions and beads live on", async () => {
  const before = uids("blue");
  const { stdout } = await gcK8s("upgrade", "--city", "blue", "--image", "registry.example/gc-k8s:2");
  expect(stdout).toMatch(/^CronJob +gc-reap-blue +configured$/m);
  expect(uids("blue")).toEqual(before);
  await assertAtWork("blue");
  const { stdout: doctor } = await run(["doctor"], join(blue.path, "packs/gc-k8s/gc-k8s"));
  expect(doctor).toContain("Nothing keeps a city from working here.");
}, 120_000);

/** A copy of the example city with the pack in it, whose settings stand in its own file, as the README says. */
async function addPack(name: string, city: City): Promise<WorkingCity> {
  const fresh = join(scratch, name);
  cpSync(join(root, "examples/city"), fresh, { recursive: true });
  await run([fresh, name], join(root, "pack/add-to-city.sh"), { GC_K8S_EXECUTABLE: resolve(commandPath()) });
  // Only now does gc make of it what it makes of every city.
  cpSync(fresh, city.path, { recursive: true, verbatimSymlinks: true });
  const pack = join(city.path, "packs/gc-k8s");
  const file = join(pack, "gc-k8s.toml");
  const settings = `namespace = "${namespace}"\nimage = "${cluster.beadsImage}"\npod_security = "restricted"\n`;
  writeFileSync(file, readFileSync(file, "utf8").replace('namespace = "gc"\n', settings));
  const small = { GC_K8S_CPU_REQUEST: "10m", GC_K8S_MEM_REQUEST: "16Mi", GC_K8S_BEADS_CPU_REQUEST: "10m" };
  const setting = { home: city.home, env: { KUBECONFIG: controller, ...small } };
  return {
    name,
    city,
    gc: gcProcess("supervisor", { ...setting, executable: join(pack, "gc-session-k8s") }),
    beads: beadProcess({ ...setting, executable: join(pack, "gc-beads-k8s") }, city.path, name),
    done: [],
  };
}

/** A bead from its making to its end: routed by gc, claimed for a session, worked on by its agent, closed. */
async function workOnBead({ gc, beads, city, done }: WorkingCity, index: number): Promise<void> {
  const answer = await beads.call("create", [], { stdin: JSON.stringify({ title: `task ${index}`, type: "task" }) });
  const { id } = JSON.parse(answer.value) as { id: string };
  await beads.call("set-metadata", [id, "gc.routed_to"], { stdin: "clerk" });
  const agent = clerk(index, id);
  await startAgent(gc, agent, startConfig(agent, city, {}), { dialogBudgetMs: 500 });
  await beads.call("update", [id], { stdin: JSON.stringify({ status: "in_progress", assignee: agent.session }) });
  await gc.call("nudge", [agent.session], { stdin: `echo "worked on ${id}: $((6 * 7))"` });
  await until(async () => (await gc.value("peek", agent.session, "50")).includes(`worked on ${id}: 42`), 20_000);
  await beads.call("close", [id]);
  done.push(id);
}

function clerk(index: number, bead: string): Agent {
  return {
    session: `clerk-${index}`,
    alias: "clerk",
    sessionId: bead,
    instanceToken: newToken(),
    runtimeEpoch: 1,
    rig: "",
    command: "bash --norc -i",
    processNames: ["bash"],
  };
}

async function assertAtWork(city: string): Promise<void> {
  const { gc, beads, done } = working.find(({ name }) => name === city) ?? fail(city);
  for (let index = 0; index < SESSIONS; index++) expect(await gc.value("is-running", `clerk-${index}`)).toBe("true");
  const beadsNow = JSON.parse(await beads.value("list")) as { id: string }[];
  expect(beadsNow.map(({ id }) => id).sort()).toEqual(done.toSorted());
  expect(JSON.parse(await beads.value("get", done[0] ?? ""))).toMatchObject({ status: "closed" });
}

function fail(city: string): never {
  throw new Error(`the city "${city}" was not made`);
}

/** Identities of the pods of a city's sessions. */
function uids(city: string): string[] {
  const path = "jsonpath={.items[*].metadata.uid}";
  const text = kubectl("-n", namespace, "get", "pods", "-l", `app=gc-agent,gc-city=${city}`, "-o", path);
  return text.split(" ").filter(Boolean).sort();
}

async function gcK8s(...args: string[]): Promise<Outcome> {
  return await run(args);
}

async function run(args: string[], path = commandPath(), more: Record<string, string> = {}): Promise<Outcome> {
  const outcome = await command(args, { ...env, ...more }, "", path);
  if (outcome.exit !== 0) throw new Error(`${path} ${args.join(" ")}: ${outcome.stderr}${outcome.stdout}`);
  return outcome;
}

function kubectl(...args: string[]): string {
  const child = Bun.spawnSync([cluster.kubectl, "--kubeconfig", cluster.kubeconfig, ...args], { stdin: "ignore" });
  if (child.exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${child.stderr}`);
  return child.stdout.toString();
}
