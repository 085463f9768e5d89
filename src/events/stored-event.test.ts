import { expect, test } from "bun:test";
import type { EventObject } from "./event-log.ts";
import { storedEvent } from "./stored-event.ts";

const object = (event?: string): EventObject => ({
  metadata: { name: "n", uid: "u", creationTimestamp: "2026-01-31T12:00:00Z" },
  ...(event !== undefined && { data: { event } }),
});

test("the text is as it was recorded", () => {
  const text = '{"seq":3,"payload":{"n":12345678901234567890}}';
  expect(storedEvent(object(text), 3)).toEqual({ seq: 3, text, event: JSON.parse(text) });
});

test("a text of several lines becomes one", () => {
  expect(storedEvent(object('{\n  "seq": 3\n}\n'), 3)?.text).toBe('{"seq":3}');
});

test.each([undefined, "", "{", "null", "3", "[]", "{}", '{"seq":4}', '{"seq":"3"}'])(
  "%p is no event of number 3",
  (text) => {
    expect(storedEvent(object(text), 3)).toBeUndefined();
  },
);
