import { expect, test } from "bun:test";
import { identityHash, labelValue, podName } from "./names.ts";

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Numbers that are the same in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Few different characters and much repetition: names that are easy to take for one another. */
function generatedNames(count: number): string[] {
  const random = randomNumbers(1);
  const alphabet = ["a", "A", "b", "-", "_", "/", ".", " ", "0", "日", "é", "É", "😀", "rig", "worker", "--"];
  const pick = () => alphabet[Math.floor(random() * alphabet.length)] ?? "a";
  const names = new Set<string>();
  while (names.size < count) {
    const length = 1 + Math.floor(random() * (random() < 0.1 ? 90 : 12));
    names.add(Array.from({ length }, pick).join(""));
  }
  return [...names];
}

test("100,000 names that resemble one another: no two share a pod, each pod and label is legal", () => {
  const sessions = generatedNames(100_000);
  const pods = sessions.map((session) => podName({ city: "city", session }));
  expect(new Set(pods).size).toBe(sessions.length);
  expect(pods.filter((pod) => !DNS_LABEL.test(pod))).toEqual([]);
  expect(sessions.map(labelValue).filter((label) => !LABEL_VALUE.test(label))).toEqual([]);
});

const odd = [
  "rig/worker",
  "rig-worker",
  "rig worker",
  "rig_worker",
  "Rig-Worker",
  "日本",
  "---",
  "///",
  "日",
  "-",
  "é",
];
const long = "x".repeat(63);

test("names that upstream puts into one pod get pods of their own", () => {
  const sessions = [...odd, `${long}a`, `${long}b`, long, "x".repeat(1024)];
  const pods = sessions.map((session) => podName({ city: "default", session }));
  expect(new Set(pods).size).toBe(sessions.length);
  for (const pod of pods) expect(pod).toMatch(DNS_LABEL);
});

test("the same session of two cities has two pods, and no pair of names runs into another", () => {
  const identities = [
    { city: "a", session: "b" },
    { city: "b", session: "b" },
    { city: "ab", session: "" },
    { city: "", session: "ab" },
    { city: "a", session: "bb" },
  ];
  expect(new Set(identities.map(podName)).size).toBe(identities.length);
  expect(new Set(identities.map(identityHash)).size).toBe(identities.length);
});

test.each([
  ["gc-bright-mayor", /^gc-gc-bright-mayor-[0-9a-f]{10}$/],
  ["UPPER-CASE", /^gc-upper-case-[0-9a-f]{10}$/],
  ["under_scores", /^gc-under-scores-[0-9a-f]{10}$/],
  ["日本", /^gc-[0-9a-f]{10}$/],
  ["---", /^gc-[0-9a-f]{10}$/],
  [`${"a".repeat(39)}-bc`, /^gc-a{39}-[0-9a-f]{10}$/],
])("the pod of %s can be recognised by people", (session, expected) => {
  expect(podName({ city: "default", session })).toMatch(expected);
});

test("a pod's name stays the same from release to release", () => {
  expect(podName({ city: "default", session: "mayor" })).toBe("gc-mayor-13708e42e1");
});

test.each([
  ["gc-bright-mayor", "gc-bright-mayor"],
  ["UPPER-CASE", "UPPER-CASE"],
  ["under_scores", "under_scores"],
  ["dots.ok", "dots.ok"],
  ["///", "unknown"],
  ["", "unknown"],
  ["rig/worker", "rig-worker"],
  ["--x--", "x"],
  ["日本", "unknown"],
  [`${"a".repeat(62)}/b`, "a".repeat(62)],
  ["b".repeat(70), "b".repeat(63)],
])("the label of %p is %p", (text, expected) => {
  expect(labelValue(text)).toBe(expected);
});

test("the identity is 64 hex digits", () => {
  expect(identityHash({ city: "default", session: "mayor" })).toMatch(/^[0-9a-f]{64}$/);
});
