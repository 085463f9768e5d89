import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Store, storeWith } from "./bead-rules.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

const RUNNER = "gc-beads-runner-lost";
const POD = `${RUNNER}-0`;
let place: TestPlace;
let store: Store;

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init({ city: "lost", prefix: "lo", database: "lost" }), place, "lo", "lost");
  makeSilentNode(place.namespace);
  // The controller would replace the pod that is not where its template now says.
  patch("statefulset", RUNNER, { spec: { updateStrategy: { type: "OnDelete", rollingUpdate: null } } });
}, 180_000);
afterAll(() => {
  place?.kubectl("delete", "node", place.namespace, "--ignore-not-found");
  place?.remove();
}, 60_000);

/** A node that no kubelet serves and that takes nobody else's pods. */
function makeSilentNode(name: string): void {
  const taints = [{ key: "gc-k8s.test/silent", value: "true", effect: "NoSchedule" }];
  const scratch = mkdtempSync(join(tmpdir(), "gc-node-"));
  const file = join(scratch, "node.json");
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name }, spec: { taints } }));
  place.kubectl("create", "-f", file);
  rmSync(scratch, { recursive: true });
}

function patch(kind: string, name: string, change: object, ...flags: string[]): void {
  place.kubectl("patch", kind, name, "--type=merge", `--patch=${JSON.stringify(change)}`, ...flags);
}

/** Lets the runner run on the silent node, as its kubelet would have told; another one would come to a living node. */
async function moveToSilentNode(): Promise<string> {
  const nodeName = (name: string | null) => ({ spec: { template: { spec: { nodeName: name } } } });
  const before = uid();
  patch("statefulset", RUNNER, nodeName(place.namespace));
  place.kubectl("delete", "pod", POD, "--wait=true", "--timeout=30s");
  while (uid() === "" || uid() === before) await Bun.sleep(100);
  patch("statefulset", RUNNER, nodeName(null));
  reportPod({ type: "Ready", status: "True" });
  return uid();
}

function reportPod(condition: object): void {
  const state = { running: { startedAt: "2026-01-01T00:00:00Z" } };
  const container = { name: "beads", image: "", imageID: "", ready: true, restartCount: 0, state };
  patch(
    "pod",
    POD,
    { status: { phase: "Running", conditions: [condition], containerStatuses: [container] } },
    "--subresource=status",
  );
}

function uid(): string {
  return place.kubectl("get", "pod", POD, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}");
}

test("a runner on a lost node is replaced: one that was being deleted, one that nothing has deleted", async () => {
  const { id } = await store.create();

  const silent = await moveToSilentNode();
  // What the node controller writes when a node has been silent for so long.
  const told = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+/, "");
  const lost = { type: "Ready", status: "False", reason: "NodeNotReady" };
  reportPod({ ...lost, lastTransitionTime: told(5) });
  expect(await store.refused("list", [])).toContain("its node does not report");
  expect(uid()).toBe(silent);
  reportPod({ ...lost, lastTransitionTime: told(65) });
  expect((await store.get(id)).id).toBe(id);
  expect(uid()).not.toBe(silent);

  const deleted = await moveToSilentNode();
  place.kubectl("delete", "pod", POD, "--wait=false");
  expect(await store.refused("list", [])).toContain("it is being deleted");
  expect(uid()).toBe(deleted);
  expect((await store.get(id)).id).toBe(id);
  expect(uid()).not.toBe(deleted);

  await moveToSilentNode();
  reportPod({ ...lost, lastTransitionTime: told(5) });
  expect(await store.refused("stop", [])).toContain("its node has not ended it");
  // Told to end for long enough, it is forgotten.
  await store.ok("stop", []);
  expect(uid()).toBe("");
}, 300_000);
