import { expect, test } from "bun:test";
import { eventLine } from "./event-line.ts";

const MOST = 65_535;
const event = { seq: 5, type: "bead.updated", ts: "2026-01-31T12:00:00Z", actor: "me", subject: "s" };
const line = (more: object) => eventLine(JSON.stringify({ ...event, ...more }));
const sizeOf = (more: object) => Buffer.byteLength(JSON.stringify({ ...event, ...more })) + 1;

test("a line is below 64 KiB, and one that fits is whole", () => {
  const room = MOST - sizeOf({ payload: "" });
  const whole = { payload: "x".repeat(room) };
  expect(Buffer.byteLength(line(whole))).toBe(MOST);
  expect(line(whole)).toBe(`${JSON.stringify({ ...event, ...whole })}\n`);
  const cut = line({ payload: "x".repeat(room + 1) });
  expect(JSON.parse(cut)).toEqual({ ...event, payload: `${"x".repeat(1000)}… (truncated)` });
});

test("bytes count, not characters", () => {
  expect(Buffer.byteLength(line({ message: "日".repeat(30_000) }))).toBeLessThanOrEqual(MOST);
});

test("a payload that is too long is marked, and the rest is as it was", () => {
  const payload = { bead: { id: "b", body: "x".repeat(100_000) } };
  expect(JSON.parse(line({ payload, run_id: "r" }))).toEqual({
    ...event,
    payload: { truncated: true, bytes: JSON.stringify(payload).length },
    run_id: "r",
  });
  expect(JSON.parse(line({ payload: Array(60_000).fill(1) }))).toEqual({
    ...event,
    payload: { truncated: true, bytes: 120_001 },
  });
});

test.each<[string, object]>([
  ["a list of gc's", { depends_on_step_ids: Array(10_000).fill("step-x") }],
  ["two texts", { message: "m".repeat(60_000), subject: "s".repeat(60_000) }],
  ["a split character", { message: "😀".repeat(40_000) }],
  [
    "a thousand unknown members",
    Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`k${at}`, "v".repeat(200)])),
  ],
  ["a key", { ["k".repeat(100_000)]: 1 }],
  ["escapes", { message: "\u0001".repeat(60_000) }],
])("%s may be what is too long", (_, more) => {
  const text = line(more);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST);
  expect(JSON.parse(text)).toMatchObject({ seq: 5, ts: event.ts });
  expect(text).not.toContain("\ufffd");
});
