import { expect, test } from "bun:test";
import { bdFailure, isEmptyFallback } from "./bd-errors.ts";

/** Where its `batch` says that it failed. */
const BATCH = 'line 1 (dep add \\"ex-1\\" \\"ex-2\\" blocks)';

/** What bd 1.2.1 was seen to say. */
test.each<[string, number, string, string]>([
  [
    "absent",
    1,
    '{"error":"no issues found matching the provided IDs","schema_version":1}',
    'Error fetching X: no issue found matching "X"',
  ],
  ["absent", 1, "", "Error: issue w1-x not found"],
  [
    "absent",
    1,
    '{"error":"1 of 1 issues failed to update","failed":[{"id":"a","error":"resolving issue: no issue found matching \\"a\\""}]}',
    "",
  ],
  ["absent", 44, "tc-1", ""],
  [
    "absent",
    1,
    "",
    `{\n  "error": "${BATCH}: issue ex-1 not found"\n}\nError: ${BATCH}: issue ex-1 not found\nexit code 1`,
  ],
  ["absent", 1, '{"error":"resolving --deps target \\"ex-1\\": ambiguous issue ID: \\"ex-1\\" matches 2 issues"}', ""],
  [
    "transient",
    1,
    "",
    "Error: failed to open database: Dolt server unreachable at H:3999: dial tcp: connect: connection refused",
  ],
  ["transient", 1, '{"error":"Error 1213 (40001): serialization failure: try restarting transaction"}', ""],
  ["transient", 1, "", "dolt circuit breaker is open: server appears down, failing fast (cooldown 5s)"],
  ["transient", 1, "", "driver: bad connection"],
  ["transient", 1, "", "unexpected EOF"],
  ["absent", 1, "", "Error: issue ex-eof not found"],
  ["refused", 1, "", 'dependency ex-1213 -> ex-2 already exists with type "tracks"'],
  ["transient", 124, "", ""],
  ["transient", 137, "half of an answ", ""],
  [
    "no database",
    1,
    "",
    'Error: failed to open database: database "aa" not found on Dolt server at 10.0.0.1:3307\n\nCommon causes:',
  ],
  ["refused", 1, '{"error":"aa-1 already exists; use bd update, or bd import for upsert semantics"}', ""],
  ["refused", 1, "", "Error: no beads database found"],
  ["refused", 1, "", "failed to open database: Error 1045 (28000): Access denied for user 'root'"],
  ["refused", 1, '{"error":"dependency a -\\u003e b already exists with type \\"blocks\\""}', ""],
  [
    "half migrated",
    1,
    "",
    "Error: failed to open Dolt store: failed to initialize schema: schema migration: pending schema migrations alter pre-existing dirty tables: issues; run 'bd dolt commit'",
  ],
  ["refused", 2, "", "too many rows"],
])("%s: exit %d, %p, %p", (kind, exit, stdout, stderr) => {
  expect(bdFailure(exit, stdout, stderr).kind).toBe(kind as "refused");
});

/** Which bead bd says is not there; "" = it does not say. */
test.each<[string, number, string, string]>([
  ["tc-1", 44, "tc-1", ""],
  ["tc-1", 44, "tc-1", "warning: issue tc-2 not found in the cache"],
  ["tc-1.1", 1, '{"error":"resolving dependency ID tc-1.1: no issue found matching \\"tc-1.1\\""}', ""],
  ["w1-x", 1, "", "Error: issue w1-x not found"],
  ["ex-1", 1, "", `{\n  "error": "${BATCH}: issue ex-1 not found"\n}\nError: ${BATCH}: issue ex-1 not found`],
  ["ex-1", 1, '{"error":"resolving --deps target: ambiguous issue ID: \\"ex-1\\" matches 2 issues"}', ""],
  ["w1-nope", 1, "", "Error: parent issue w1-nope not found"],
  ["", 1, '{"error":"no issues found matching the provided IDs"}', 'Error fetching X: no issue found matching "X"'],
  ["", 1, "", '{"error":"1 of 1 issues failed to update","failed":[{"id":"a","error":"issue not found"}]}'],
  [
    "a",
    1,
    "",
    'Error resolving a: no issue found matching "a"\n{"error":"1 of 1 issues failed to update","failed":[{"id":"a","error":"resolving issue: no issue found matching \\"a\\""}]}',
  ],
])("absent is %p: exit %d, %p, %p", (id, exit, stdout, stderr) => {
  expect(bdFailure(exit, stdout, stderr)).toMatchObject({ kind: "absent", id });
});

/** Whether nothing was changed for certain. */
test.each<[boolean, number, string]>([
  [true, 1, "Error: failed to open database: Dolt server unreachable at H:3999: connection refused"],
  [true, 1, "Error 1213 (40001): serialization failure: this transaction conflicts with a committed transaction"],
  [false, 1, "driver: bad connection"],
  [false, 1, "commit: invalid connection"],
  [false, 137, "failed to open database: unreachable"],
  [false, 124, ""],
])("undone is %p: exit %d, %p", (isUndone, exit, stderr) => {
  expect(bdFailure(exit, "", stderr)).toMatchObject({ kind: "transient", isUndone });
});

test("advice for somebody at a terminal is left out", () => {
  expect(bdFailure(1, "", "Error: x\n\nTip: y").text).toBe("Error: x");
});

test("bd's silent way to an empty store is seen", () => {
  expect(isEmptyFallback("auto-importing 3 issues into empty database")).toBe(true);
  expect(isEmptyFallback("warning: something else")).toBe(false);
});
