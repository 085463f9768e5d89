import { expect, test } from "bun:test";
import { bdRows, RowReader } from "./bd-row.ts";
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

test("rows that are read while the rest is on its way are those of the whole, wherever the parts end", () => {
  const nested = { note: "\n  },\n  {", deep: [{ a: {} }, { b: "ü😀" }] };
  const rows = Array.from({ length: 600 }, (_, i) => ({
    ...ROW,
    id: `tc-${i}`,
    metadata: nested,
    description: "x".repeat(200),
  }));
  const list = JSON.stringify(rows, null, 2);
  for (const text of [list, `warning: something\n${list}`, JSON.stringify({ issues: rows }, null, 2)])
    for (const length of [1_000, 4_096, 65_537, text.length]) {
      const reader = new RowReader();
      // What an attempt that was cut off has printed does not count.
      reader.take(text.slice(0, 150_000));
      reader.begin();
      for (let at = 0; at < text.length; at += length) reader.take(text.slice(at, at + length));
      expect(reader.rows(text, "test")).toEqual(bdRows(text, "test"));
    }
});

test("a long text that is no list of beads is an error at its end, however much was read before", () => {
  const rows = JSON.stringify(
    Array.from({ length: 600 }, (_, i) => ({ ...ROW, id: `tc-${i}`, description: "x".repeat(200) })),
    null,
    2,
  );
  const broken = [
    rows.slice(0, -1),
    rows.replace('"id": "tc-400"', '!"id": "tc-400"'),
    rows.replace('"id": "tc-3"', '"it": "tc-3"'),
  ];
  for (const text of [...broken, "x".repeat(200_000)]) {
    const reader = new RowReader();
    reader.take(text);
    expect(() => reader.rows(text, "list the beads")).toThrow("Cannot list the beads: bd printed");
  }
});

test("anything else is an error, never an empty list", () => {
  for (const text of ["", "nothing", '{"error":"x"}', "[1]", "null", '{"issues":[{}]}'])
    expect(() => bdRows(text, "list the beads")).toThrow("Cannot list the beads: bd printed");
});
