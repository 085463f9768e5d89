import { expect, test } from "bun:test";
import { goneCities, type MountingPod, mountedClaims, whyGone, whyPod } from "./reap-rules.ts";

const now = Date.parse("2026-01-02T00:00:00Z");
const limits = { now, olderThanSeconds: 3_600 };

function pod(status: MountingPod["status"], annotations: Record<string, string> = {}, more = {}): MountingPod {
  const metadata = { name: "p", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
  return { metadata: { ...metadata, annotations, ...more }, spec: {}, ...(status && { status }) };
}

function ended(finishedAt: string): MountingPod["status"] {
  return {
    phase: "Failed",
    containerStatuses: [{ name: "agent", state: { terminated: { exitCode: 1, finishedAt } } }],
  };
}

const starting = { "gc-start-seconds": "120" };

test.each<[string, MountingPod, string | undefined]>([
  ["ended long ago", pod(ended("2026-01-01T22:00:00Z")), "its agent ended 2h ago"],
  ["ended just now", pod(ended("2026-01-01T23:30:00Z")), undefined],
  ["evicted without a container", pod({ phase: "Failed", reason: "Evicted" }), "its agent ended 1d ago"],
  ["running", pod({ phase: "Running" }, { "gc-launched": "1" }), undefined],
  ["running, never launched: it ends itself", pod({ phase: "Running" }, starting), undefined],
  ["on a lost node", pod({ phase: "Unknown" }, { "gc-launched": "1" }), undefined],
  [
    "pending, its start over",
    pod({ phase: "Pending" }, starting),
    "it never ran, and its start has ended; created 1d ago",
  ],
  ["pending, its start may go on", pod({ phase: "Pending" }, { "gc-start-seconds": "90000" }), undefined],
  ["pending, nobody knows how long", pod({ phase: "Pending" }), undefined],
  ["pending, provisioned", pod({ phase: "Pending" }, { ...starting, "gc-provisioned": "1" }), undefined],
  ["being deleted", pod(ended("2026-01-01T22:00:00Z"), {}, { deletionTimestamp: "2026-01-01T23:00:00Z" }), undefined],
])("a pod %s", (_, object, why) => {
  expect(whyPod(object, limits)).toBe(why);
});

test("a city is gone that is not installed where others are, and has no pod or runner", () => {
  const named = new Set(["old", "blue", "alive"]);
  expect([...goneCities(named, ["blue"], new Set(["alive"]))]).toEqual(["old"]);
});

test("where no city was installed nobody can tell, so none is gone", () => {
  expect([...goneCities(new Set(["old"]), [], new Set())]).toEqual([]);
});

test.each([
  ["of a city that is gone", "c", { "gc-city-name": "old" }, "its city is gone; created 1d ago"],
  ["of another city", "c", { "gc-city-name": "blue" }, undefined],
  ["of no city", "c", {}, undefined],
  ["that a pod mounts", "mounted", { "gc-city-name": "old" }, undefined],
])("a claim %s", (_, name, annotations, why) => {
  const object = { metadata: { name, uid: "u", creationTimestamp: "2026-01-01T00:00:00Z", annotations } };
  const mounting = { ...pod({}), spec: { volumes: [{ persistentVolumeClaim: { claimName: "mounted" } }, {}] } };
  expect(whyGone(object, new Set(["old"]), mountedClaims([mounting]), limits)).toBe(why);
});
