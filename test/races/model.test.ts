import { expect, test } from "bun:test";
import type { PodRecord } from "../support/gc/pod-history.ts";
import { contradictions, type Event, mustRun } from "./model.ts";

function call(op: "start" | "stop", fromMs: number, toMs: number, exit = 0, stderr = ""): Event {
  return { op, fromMs, toMs, exit, stderr };
}

function killed(op: "start" | "stop", fromMs: number, toMs: number): Event {
  return { ...call(op, fromMs, toMs), exit: undefined, killed: true };
}

function pod(seenAtMs: number, launchedAtMs?: number, deletionAtMs?: number): PodRecord {
  const times = { ...(launchedAtMs && { launchedAtMs }), ...(deletionAtMs && { deletionAtMs }) };
  return { session: "s", uid: String(seenAtMs), phase: "Running", seenAtMs, ...times };
}

function winner(fromMs: number, toMs: number, pod: PodRecord): Event {
  return { ...call("start", fromMs, toMs), podUid: pod.uid };
}

const STILL_THERE = 'pod "gc-s" is deleted but still terminating on node "n" after 8 s';
const LOSER = call("start", 0, 900, 1, 'session "s" already exists');

test.each<[string, Event[], PodRecord[]]>([
  ["a winner and a loser", [call("start", 0, 900), LOSER], [pod(1, 800)]],
  [
    "a stop between two winners",
    [call("start", 0, 900), call("stop", 1000, 2000), call("start", 2000, 3000)],
    [pod(1, 800, 1100), pod(2100, 2900)],
  ],
  [
    "a box that a killed start left, and the next one cleared away",
    [killed("start", 0, 500), call("start", 600, 2000)],
    [pod(100, undefined, 700), pod(800, 1900)],
  ],
  ["a killed stop that had deleted", [call("start", 0, 900), killed("stop", 1000, 1100)], [pod(1, 800, 1200)]],
  [
    "a start that was stopped",
    [call("start", 0, 900, 1, "its pod was deleted while it started"), call("stop", 100, 900)],
    [pod(1, undefined, 200)],
  ],
  [
    "a start that waited in vain for the end of a stopped pod",
    [call("start", 0, 900), call("stop", 1000, 1100), call("start", 1200, 9300, 1, STILL_THERE)],
    [{ ...pod(1, 800, 1050), goneAtMs: 9900 }],
  ],
])("%s is possible", (_, events, pods) => {
  expect(contradictions(events, pods)).toEqual([]);
});

test.each<[string, Event[], PodRecord[]]>([
  ["two winners without a stop", [call("start", 0, 900), call("start", 0, 950)], [pod(1, 800), pod(2, 850)]],
  ["two winners of one pod", [call("start", 0, 900), call("stop", 0, 900), call("start", 0, 950)], [pod(1, 800)]],
  [
    "one pod that two winners say is theirs",
    [winner(0, 900, pod(1)), call("stop", 0, 900), winner(0, 950, pod(1))],
    [pod(1, 800), pod(2, 850)],
  ],
  [
    "a start that waited for a pod that was gone",
    [call("start", 0, 900), call("stop", 1000, 1100), call("start", 1200, 9300, 1, STILL_THERE)],
    [{ ...pod(1, 800, 1050), goneAtMs: 5000 }],
  ],
  ["a pod deleted by nobody", [call("start", 0, 900), LOSER], [pod(1, undefined, 400), pod(500, 800)]],
  [
    "a pod cleared away that was not the killed start's",
    [call("start", 0, 900), killed("start", 5000, 5500)],
    [pod(1, 800, 5400)],
  ],
  [
    "a pod cleared away that another start had won while one was killed",
    [killed("start", 0, 500), winner(0, 900, pod(100)), call("start", 2000, 3000, 1, 'session "s" already exists')],
    [pod(100, 800, 2100)],
  ],
  ["a start stopped by nobody", [call("start", 0, 900, 1, "its pod was deleted while it started")], []],
  ["a start that fails in other words", [call("start", 0, 900, 1, "boom")], []],
  ["a stop that fails", [call("stop", 0, 900, 1, "boom")], []],
])("%s is not", (_, events, pods) => {
  expect(contradictions(events, pods)).not.toEqual([]);
});

test("what must be at the end is known only when nothing overlaps the last winner", () => {
  const winner = call("start", 1000, 2000);
  expect(mustRun([winner])).toBe(true);
  expect(mustRun([call("stop", 0, 500)])).toBe(false);
  expect(mustRun([winner, call("stop", 2100, 2500)])).toBe(false);
  expect(mustRun([winner, call("stop", 1500, 2500)])).toBeUndefined();
  expect(mustRun([winner, killed("start", 3000, 3500)])).toBeUndefined();
  expect(mustRun([killed("start", 0, 500), call("stop", 600, 900)])).toBe(false);
});
