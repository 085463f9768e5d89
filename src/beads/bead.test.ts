import { expect, test } from "bun:test";
import { bdRows } from "./bd-row.ts";
import { beadOf } from "./bead.ts";
import { MARKER_KEY } from "./bead-marker.ts";

const ROW = { id: "tc-1", title: "t", status: "open", created_at: "2026-01-01T00:00:00Z" };

function withMarker(marker: object, fields: object = {}) {
  return beadOf({ ...ROW, metadata: { [MARKER_KEY]: JSON.stringify(marker) }, ...fields });
}

test("the marker gives what bd has no field for, and is not seen itself", () => {
  const bead = withMarker({ nonce: "n", created: "2026-01-01T00:00:00.5Z", title: " t ", from: "human", ref: "a.b" });
  expect(bead).toMatchObject({ title: " t ", created_at: "2026-01-01T00:00:00.5Z", from: "human", ref: "a.b" });
  expect(bead.metadata).toBeUndefined();
});

test("what somebody changed meanwhile goes before the marker", () => {
  expect(withMarker({ title: " old " }).title).toBe("t");
  expect(withMarker({ created: "2020-01-01T00:00:00.5Z" }).created_at).toBe(ROW.created_at);
  const deferred = { deferUntil: "2030-01-01T00:00:00.5Z" };
  expect(withMarker(deferred, { defer_until: "2030-01-01T00:00:01Z" }).defer_until).toBe("2030-01-01T00:00:00.5Z");
  expect(withMarker(deferred, { defer_until: "2031-01-01T00:00:00Z" }).defer_until).toBe("2031-01-01T00:00:00Z");
});

test("a marker that is none is passed over", () => {
  for (const text of ["", "{", "3", "null", '"x"'])
    expect(beadOf({ ...ROW, metadata: { [MARKER_KEY]: text, k: "v" } }).metadata).toEqual({ k: "v" });
});

test("metadata of any kind becomes text; plain gc's from is read where it stands", () => {
  const metadata = { n: 3, b: true, s: "3", o: { a: [1] }, z: null, from: "human" };
  const bead = beadOf({ ...ROW, metadata });
  expect(bead.metadata).toEqual({ n: "3", b: "true", s: "3", o: '{"a":[1]}', z: "null", from: "human" });
  expect(bead.from).toBe("human");
});

test("each of bd's envelopes is read, and what precedes the JSON is passed over", () => {
  for (const text of [
    JSON.stringify([ROW]),
    JSON.stringify(ROW),
    `warning: something\n${JSON.stringify([ROW], null, 2)}`,
    JSON.stringify({ issues: [ROW] }),
    JSON.stringify({ schema_version: 1, items: [ROW] }),
    JSON.stringify({ schema_version: 1, data: ROW }),
  ])
    expect(bdRows(text, "test")).toMatchObject([{ id: "tc-1" }]);
});

test("anything else is an error, never an empty list", () => {
  for (const text of ["", "nothing", '{"error":"x"}', "[1]", "null", '{"issues":[{}]}'])
    expect(() => bdRows(text, "list the beads")).toThrow("Cannot list the beads: bd printed");
});
