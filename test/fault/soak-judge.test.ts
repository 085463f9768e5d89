import { describe, expect, test } from "bun:test";
import { chanceOf } from "./chance.ts";
import { driftsOf, EVERY, type Held, leaks, type Sample, slower } from "./soak-judge.ts";

const MOST = { median: 1.5, p95: 2.5 };
const LENGTH = 12_000;

/** Calls of a run with a tenth of them slow; `factor` says how much longer they take at a time from 0 to 1. */
function samplesOf(kind: string, factor: (at: number, isSlow: boolean) => number): Sample[] {
  const chance = chanceOf(`soak/${kind}`, 1);
  return Array.from({ length: 2_000 }, (_, index) => {
    const isSlow = chance.below(10) === 0;
    const ms = (isSlow ? 60 : 30) + chance.below(10);
    return { kind, at: (index / 2_000) * LENGTH, ms: ms * factor(index / 2_000, isSlow) };
  });
}

function judged(factor: (at: number, isSlow: boolean) => number, noise: (at: number) => number = () => 1): string[] {
  const steady = samplesOf("peek", noise);
  const other = samplesOf("nudge", (at, isSlow) => factor(at, isSlow) * noise(at));
  return slower(driftsOf(["peek", "nudge"], [...steady, ...other], samplesOf("curl", noise), 6), MOST);
}

describe("operations that become slower", () => {
  test.each<[string, (at: number, isSlow: boolean) => number]>([
    ["little by little", (at) => 1 + at],
    ["at once", (at) => (at > 0.6 ? 1.7 : 1)],
    ["a tenth of them only", (at, isSlow) => (isSlow ? 1 + 4 * at : 1)],
  ])("%s", (_, factor) => {
    const found = judged(factor);
    expect(found).toHaveLength(1);
    expect(found[0]).toStartWith("nudge takes ");
  });

  test("while the machine becomes busy with something else", () => {
    expect(
      judged(
        (at) => 1 + at,
        (at) => 1 + 2 * at,
      ),
    ).toHaveLength(1);
  });
});

test.each<[string, (at: number) => number]>([
  ["none", () => 1],
  ["other tests, which begin in the middle", (at) => (at > 0.5 ? 3 : 1)],
  ["other tests that come and go", (at) => (Math.floor(at * 40) % 3 === 0 ? 4 : 1)],
])("noise is no drift: %s", (_, noise) => {
  expect(judged(() => 1, noise)).toEqual([]);
});

test("noise that holds up the operations alone is no drift when it goes away again", () => {
  expect(judged((at) => (at > 0.7 && at < 0.9 ? 3 : 1))).toEqual([]);
});

test("what was called too rarely is not said to be fine, nor is anything without a control", () => {
  const calls = samplesOf("peek", () => 1);
  expect(slower(driftsOf(["peek", "stop", EVERY], calls, calls, 6), MOST)).toHaveLength(1);
  expect(slower(driftsOf([EVERY], calls, [], 6), MOST)).toHaveLength(1);
});

const HELD: Held = {
  pods: ["a", "b"],
  processes: [1, 2],
  zombies: [],
  strays: [7],
  idleShims: [],
  clients: [],
  descriptors: { containerd: 100, shims: 40 },
  podsOfNode: 5,
};

test.each<[string, Partial<Held>]>([
  ["a pod", { pods: ["a", "b", "c"] }],
  ["another pod in the place of one", { pods: ["a", "c"] }],
  ["a process", { processes: [1, 2, 3] }],
  ["a zombie", { zombies: [3] }],
  ["a process of a pod that is gone", { strays: [7, 8] }],
  ["a shim of nothing", { idleShims: [3] }],
  ["a process of the executable", { clients: [3] }],
  ["descriptors of a component", { descriptors: { containerd: 150, shims: 40 } }],
  ["descriptors of the shims", { descriptors: { containerd: 100, shims: 90 } }],
  ["descriptors beyond those of other tests' pods", { descriptors: { containerd: 200, shims: 40 }, podsOfNode: 10 }],
])("a leak is named: %s", (_, after) => {
  expect(leaks(HELD, { ...HELD, ...after })).not.toEqual([]);
});

test("less than before, other processes and the pods of other tests are no leak", () => {
  const descriptors = { containerd: 180, shims: 80 };
  expect(leaks(HELD, { ...HELD, processes: [1, 9], strays: [], descriptors, podsOfNode: 10 })).toEqual([]);
});
