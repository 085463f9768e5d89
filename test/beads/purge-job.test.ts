import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Store, storeWith } from "./bead-rules.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

const CITY = { city: "job", prefix: "jo", database: "job" };
const MANIFEST = join(import.meta.dir, "../../deploy/beads-purge.yaml");
const DIST = join(import.meta.dir, "../../dist");

const scratch = mkdtempSync(join(tmpdir(), "purge-job-"));

let place: TestPlace;
let store: Store;

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init(CITY), place, "jo", "job");
}, 180_000);
afterAll(() => {
  rmSync(scratch, { recursive: true });
  place?.remove();
}, 60_000);

/** A closed ephemeral bead that was closed ten days ago. */
async function old(): Promise<string> {
  const { id } = await store.create({ ephemeral: true });
  await store.ok("close", [id]);
  place.dolt.sql(`update \`job\`.wisps set closed_at = date_sub(closed_at, interval 10 day) where id = '${id}'`);
  return id;
}

/** Runs a command with the city's environment, but without the store that gc would name, at a terminal if asked to. */
async function run(command: string[], isAtTerminal = false): Promise<{ exit: number; stdout: string }> {
  const words = isAtTerminal ? ["script", "-qec", command.join(" "), "/dev/null"] : command;
  const child = Bun.spawn(words, {
    env: { ...process.env, ...place.env(CITY), GC_BEADS_PREFIX: "" },
    // Whoever holds this open, and writes nothing, is somebody at a terminal.
    stdin: isAtTerminal ? "pipe" : "ignore",
    stdout: "pipe",
    stderr: "inherit",
    timeout: 60_000,
  });
  return { stdout: await new Response(child.stdout).text(), exit: await child.exited };
}

test("gc-k8s beads purge deletes what is old enough, and with --dry-run tells it", async () => {
  const id = await old();
  const program = join(DIST, "gc-k8s");
  const preview = await run([program, "beads", "purge", "--dry-run", "--older-than", "7d"]);
  expect([preview.exit, JSON.parse(preview.stdout)]).toMatchObject([0, { purged_count: 1, dry_run: true }]);
  expect((await store.get(id)).status).toBe("closed");
  const done = await run([program, "beads", "purge", "--older-than", "7d"]);
  expect([done.exit, JSON.parse(done.stdout)]).toMatchObject([0, { purged_count: 1, dry_run: false }]);
  await store.notFound("get", [id]);
  expect((await run([program, "beads", "perge"])).exit).toBe(1);
}, 150_000);

test("gc-beads-k8s purge at a terminal waits for nobody to type", async () => {
  const { exit, stdout } = await run([join(DIST, "gc-beads-k8s"), "purge", "--dry-run"], true);
  expect([exit, JSON.parse(stdout)]).toMatchObject([0, { purged_count: 0, dry_run: true }]);
}, 90_000);

interface Job {
  spec: { template: { spec: { containers: Container[]; volumes?: object[] } } };
}

interface Container {
  image: string;
  env: { name: string; value?: string }[];
  imagePullPolicy: string;
  volumeMounts?: object[];
}

/** The Job that `kubectl create job --from` would make now. */
function jobFromCron(name: string): Job {
  place.kubectl("apply", "-f", MANIFEST);
  const from = `--from=cronjob/gc-beads-purge`;
  return JSON.parse(place.kubectl("create", "job", name, from, "--dry-run=client", "-o", "json")) as Job;
}

function apply(object: object): void {
  const path = join(scratch, "object.json");
  writeFileSync(path, JSON.stringify(object));
  place.kubectl("apply", "-f", path);
}

test("a job's pod passes the restricted level", async () => {
  apply(jobFromCron("checked"));
  const pods = () => place.kubectl("get", "pods", "-l", "job-name=checked", "-o", "name");
  const end = performance.now() + 20_000;
  while (pods() === "" && performance.now() < end) await Bun.sleep(100);
  expect(pods()).toContain("pod/checked-");
}, 40_000);

test("a job of the CronJob runs in the cluster, with its own words, rights and settings", async () => {
  const id = await old();
  const job = jobFromCron("now");
  const { volumes = [], containers } = job.spec.template.spec;
  const [container] = containers;
  if (!container) throw new Error("the job has no container");
  // No image of gc-k8s is at hand: the executable lies on the node, which a restricted namespace would not let a pod see.
  place.kubectl("label", "namespace", place.namespace, "pod-security.kubernetes.io/enforce-");
  job.spec.template.spec.volumes = [...volumes, { name: "dist", hostPath: { path: DIST } }];
  container.volumeMounts = [{ name: "dist", mountPath: "/dist", readOnly: true }];
  container.image = place.cluster.beadsImage;
  container.imagePullPolicy = "Never";
  const settings = Object.entries(place.env(CITY)).filter(([name]) => /^GC_K8S_/.test(name));
  const kept = container.env.filter(({ name }) => name === "GC_K8S_NAMESPACE");
  const others = settings.filter(([name]) => !kept.some((each) => each.name === name));
  container.env = [...kept, ...others.map(([name, value]) => ({ name, value })), { name: "PATH", value: "/dist" }];
  apply(job);
  place.kubectl("wait", "job/now", "--for=condition=complete", "--timeout=90s");
  expect(JSON.parse(place.kubectl("logs", "job/now"))).toMatchObject({ purged_count: 1, dry_run: false });
  await store.notFound("get", [id]);
}, 150_000);
