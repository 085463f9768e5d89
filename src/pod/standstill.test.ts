import { expect, test } from "bun:test";
import type { Pod } from "./pod-object.ts";
import { isPassing, type Standstill, standstill, statusWords } from "./standstill.ts";

function pod(status: Pod["status"], nodeName?: string): Pod {
  const metadata = { name: "p", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
  return { metadata, spec: { ...(nodeName && { nodeName }) }, ...(status && { status }) };
}

function agent(state: NonNullable<NonNullable<Pod["status"]>["containerStatuses"]>[number]["state"]) {
  return { containerStatuses: [{ name: "agent", ...(state && { state }) }] };
}

function init(state: NonNullable<ReturnType<typeof agent>["containerStatuses"][number]["state"]>) {
  const done = { name: "done", state: { terminated: { exitCode: 0 } } };
  return {
    ...agent({ waiting: { reason: "PodInitializing" } }),
    initContainerStatuses: [done, { name: "prepare", state }],
  };
}

const unschedulable = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" };

test.each<[Standstill, Pod]>([
  ["no-scheduler", pod({ phase: "Pending" })],
  ["unschedulable", pod({ conditions: [unschedulable] })],
  ["silent-node", pod({ phase: "Pending" }, "n")],
  ["creating", pod({ startTime: "2026-01-01T00:00:00Z", ...agent({ waiting: { reason: "ContainerCreating" } }) }, "n")],
  ["pull", pod({ startTime: "2026-01-01T00:00:00Z", ...agent({ waiting: { reason: "ErrImagePull" } }) }, "n")],
  ["pull", pod({ startTime: "2026-01-01T00:00:00Z", ...init({ waiting: { reason: "ErrImagePull" } }) }, "n")],
  ["creating", pod({ startTime: "2026-01-01T00:00:00Z", ...init({ running: {} }) }, "n")],
])("%s", (expected, seen) => {
  expect(standstill(seen)).toBe(expected);
});

const boxEnd = JSON.stringify({
  version: 1,
  cause: "exited",
  exitCode: 1,
  signal: "",
  endedAt: "",
  metadata: "c2VjcmV0",
});

test.each<[string, Pod]>([
  ["Unschedulable: 0/1 nodes", pod({ conditions: [unschedulable] })],
  ["ErrImagePull: no", pod(agent({ waiting: { reason: "ErrImagePull", message: "no" } }), "n")],
  [
    "StartError (exit code 128): no sh",
    pod(agent({ terminated: { exitCode: 128, reason: "StartError", message: "no sh" } }), "n"),
  ],
  ["OutOfcpu: full", pod({ phase: "Failed", reason: "OutOfcpu", message: "full", ...agent({ waiting: {} }) }, "n")],
  [
    "OOMKilled (exit code 137)",
    pod(agent({ terminated: { exitCode: 137, reason: "OOMKilled", message: boxEnd } }), "n"),
  ],
  ['init container "prepare": Error (exit code 3)', pod(init({ terminated: { exitCode: 3 } }), "n")],
  ["PodInitializing", pod(init({ running: {} }), "n")],
  ["Pending", pod({ phase: "Pending" })],
  ["not up", pod(undefined)],
])("says %p", (expected, seen) => {
  expect(statusWords(seen)).toBe(expected);
});

test.each([
  [true, "User \"system:node:n\" cannot get: no relationship found between node 'n' and this object"],
  [true, 'Failed to create pod sandbox: rpc error: code = Unavailable desc = connection error: dial "containerd.sock"'],
  [true, "Failed to create pod sandbox: rpc error: code = DeadlineExceeded desc = context deadline exceeded"],
  [true, "Failed to create pod sandbox: rpc error: code = Unknown desc = server is not initialized yet"],
  [false, 'Failed to create pod sandbox: rpc error: code = Unknown desc = no runtime for "kata" is configured'],
  [true, "failed to sync secret cache: timed out waiting for the condition"],
  [false, 'MountVolume.SetUp failed for volume "s" : secret "s" not found'],
])("passes by itself: %p, %s", (expected, message) => {
  expect(isPassing(message)).toBe(expected);
});
