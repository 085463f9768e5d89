import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Provider } from "../conformance/provider.ts";
import { beadProcess, startBeads } from "../support/gc/bead-process.ts";
import type { GcProcess } from "../support/gc/gc-process.ts";
import { type Store, storeWith } from "./bead-rules.ts";
import { beadsExecutable, type TestPlace, testPlace } from "./test-city.ts";

const home = mkdtempSync(join(tmpdir(), "gc-traffic-"));
let place: TestPlace;
let gc: GcProcess;
let store: Store;

beforeAll(async () => {
  place = await testPlace();
  gc = gcOf("/city", "tc");
  store = storeWith(asProvider(gc), place, "tc", "traffic");
}, 180_000);
afterAll(() => {
  rmSync(home, { recursive: true });
  place?.remove();
}, 60_000);

/** The stand-in for gc, which calls the provider with gc's own environment, descriptors and time limits. */
function gcOf(path: string, prefix: string): GcProcess {
  const settings = Object.entries(place.env({ city: "traffic", prefix })).filter(([name]) =>
    /^(GC_K8S_|KUBE)/.test(name),
  );
  return beadProcess({ executable: beadsExecutable(), home, env: Object.fromEntries(settings) }, path, prefix);
}

function asProvider(caller: GcProcess): Provider {
  return async ({ op, args, stdin }) => {
    const options = stdin === undefined ? {} : { stdin: String(stdin) };
    const { exit, stdout, stderr, ms } = await caller.begin(op, args, options).done;
    return { exit: exit ?? -1, bytes: stdout, stdout: stdout.toString(), stderr, ms };
  };
}

/** What gc sets of a session bead around a start, one process a key; an empty value clears. */
const STATES = [
  ["state", "creating"],
  ["pending_create_started_at", ""],
  ["instance_token", "000000000000000000000000000a000d"],
  ["state", "awake"],
  ["sleep_reason", ""],
  ["sleep_intent", ""],
] as const;

test("gc starts a city: probe, start, init of city and rig, health with a stray environment, then reads", async () => {
  await startBeads(gc, "/city", "tc");
  await gcOf("/city/app", "ap").call("init", ["/city/app", "ap", "ap"]);
  // The order that asks for health carries the environment of one store (B1), which may be gone.
  await gcOf("/gone", "zz").call("health", []);
  expect(gc.calls).toEqual(["probe", "start", "init /city tc hq", "health"]);
  expect(gc.answers.slice(1).map(({ exit, stdout }) => `${exit}${stdout}`)).toEqual(["0", "0", "0"]);
  for (const label of ["gc:session", "order-tracking", "order-run:beads-health", "gc:nudge", "read"])
    expect(await store.ok("list-by-label", [label, "0"])).toBe("[]\n");
  expect(await store.ok("list", ["--status=open", "--assignee=tc-x", "--type=message", "--limit=1"])).toBe("[]\n");
}, 180_000);

test("an order's tracking bead: made without history, labelled, given a reason, closed, read (B6)", async () => {
  const labels = ["order-run:beads-health", "order-tracking"];
  const made = await store.create({ title: "order:beads-health", type: "task", labels, no_history: true });
  await store.update(made.id, { labels: ["exec"] });
  await store.ok("set-metadata", [made.id, "close_reason"], "order dispatch completed");
  await store.ok("close", [made.id]);
  const now = await store.get(made.id);
  expect(now).toMatchObject({
    status: "closed",
    no_history: true,
    metadata: { close_reason: "order dispatch completed" },
  });
  expect(now.labels?.sort()).toEqual(["exec", ...labels].sort());
  const found = await store.beads("list-by-label", "order-run:beads-health", "0");
  expect(found.map(({ id }) => id)).toEqual([made.id]);
}, 60_000);

test("a session bead: names asked as ids (B2), keys set one by one, empty values too (B3)", async () => {
  await store.notFound("get", ["clerk"]);
  const metadata = { agent_name: "clerk", resume_flag: "", state: "start-pending", work_dir: "/city" };
  const fields = {
    title: "clerk",
    type: "session",
    labels: ["gc:session", "template:clerk"],
    metadata,
    no_history: true,
  };
  const { id } = await store.create(fields);
  for (const [key, value] of STATES) await store.ok("set-metadata", [id, key], value);
  const wanted = { ...metadata, ...Object.fromEntries(STATES) };
  expect((await store.get(id)).metadata).toEqual(wanted);
  expect((await store.beads("list-by-label", "gc:session", "0")).map((bead) => bead.metadata)).toEqual([wanted]);
  await store.notFound("get", ["fixer-tc-abc"]);
}, 90_000);

test("gc sling, gc mail and gc formula cook", async () => {
  const task = await store.create({ title: "text", type: "task" });
  expect(await store.beads("dep-list", task.id, "down")).toEqual([]);
  await store.ok("set-metadata", [task.id, "gc.routed_to"], "app/fixer");
  const convoy = await store.create({ title: "convoy", type: "convoy" });
  await store.ok("dep-add", [convoy.id, task.id, "tracks"]);
  const edge = { issue_id: convoy.id, depends_on_id: task.id, type: "tracks" };
  expect((await store.beads("dep-list", convoy.id, "down")) as unknown[]).toEqual([edge]);

  const mail = { title: "Hello", type: "message", labels: ["thread:t1"], description: "read me", assignee: "clerk" };
  const sent = await store.create({ ...mail, from: "human", ephemeral: true });
  const inbox = await store.beads("list", "--status=open", "--type=message");
  expect(inbox).toMatchObject([{ id: sent.id, from: "human", ...mail }]);

  const root = await store.create({ title: "three", type: "molecule", priority: 2, ref: "three" });
  const steps: string[] = [];
  for (const name of ["dig", "plant", "water"])
    steps.push(
      (
        await store.create({
          title: name,
          type: "step",
          parent_id: root.id,
          ref: `three.${name}`,
          needs: steps.slice(-1),
        })
      ).id,
    );
  for (const step of steps) await store.ok("dep-add", [step, root.id, "parent-child"]);
  await store.ok("set-metadata", [root.id, "owner"], "me");
  const nextSteps = async () =>
    (await store.beads("ready", "--include-ephemeral")).map(({ id }) => id).filter((id) => steps.includes(id));
  for (const step of steps) {
    expect(await nextSteps()).toEqual([step]);
    await store.ok("close", [step]);
  }
  expect(await nextSteps()).toEqual([]);
  expect((await store.beads("children", root.id)).map(({ ref }) => ref)).toEqual([
    "three.dig",
    "three.plant",
    "three.water",
  ]);
}, 180_000);

test("gc stop: reads, keys, and stop within its time", async () => {
  expect((await store.call("stop", [])).exit).toBe(0);
}, 60_000);
