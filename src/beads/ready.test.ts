import { expect, test } from "bun:test";
import type { BdRow } from "./bd-row.ts";
import { readyBeads } from "./ready.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

function row(id: string, fields: Partial<BdRow> = {}, edges: [string, string][] = []): BdRow {
  const dependencies = edges.map(([type, depends_on_id]) => ({ issue_id: id, depends_on_id, type }));
  return { id, title: id, status: "open", issue_type: "task", dependencies, ...fields };
}

function ready(rows: BdRow[], withEphemeral = true): string[] {
  return readyBeads(rows, { withEphemeral, nowMs: NOW }).map(({ id }) => id);
}

test.each(["blocks", "waits-for", "conditional-blocks"])("%s holds a bead while its target is open", (type) => {
  expect(ready([row("a", {}, [[type, "b"]]), row("b")])).toEqual(["b"]);
  expect(ready([row("a", {}, [[type, "gone"]])])).toEqual(["a"]);
  expect(ready([row("a", {}, [[type, "b"]]), row("b", { status: "closed" })])).toEqual(["a"]);
});

test("a block comes down through parents, however many, and other edges do not carry it", () => {
  const rows = [
    row("blocker"),
    row("top", {}, [["blocks", "blocker"]]),
    row("middle", {}, [["parent-child", "top"]]),
    row("leaf", {}, [["parent-child", "middle"]]),
    row("friend", {}, [["related", "top"]]),
  ];
  expect(ready(rows)).toEqual(["blocker", "friend"]);
});

test("parents in a circle end the search", () => {
  const rows = [row("a", {}, [["parent-child", "b"]]), row("b", {}, [["parent-child", "a"]])];
  expect(ready(rows)).toEqual(["a", "b"]);
});

test("deferred: not before its time, also by bd's status, and not for ever", () => {
  const rows = [
    row("later", { status: "deferred", defer_until: "2026-01-01T00:00:01Z" }),
    row("child", {}, [["parent-child", "later"]]),
    row("over", { status: "deferred", defer_until: "2025-12-31T23:59:59Z" }),
    row("for-good", { status: "deferred" }),
  ];
  expect(ready(rows)).toEqual(["over"]);
});

test("only what is open, and work", () => {
  const rows = ["in_progress", "blocked", "pinned", "hooked"].map((status) => row(status, { status }));
  expect(ready([...rows, row("gate", { issue_type: "gate" }), row("step", { issue_type: "step" })])).toEqual(["step"]);
  expect(ready([row("wisp", { ephemeral: true }), row("none", { no_history: true })], false)).toEqual(["none"]);
});

test("priority, then time, then id; no priority is 2", () => {
  const at = (id: string, priority: number | undefined, created_at: string) =>
    row(id, { created_at, ...(priority !== undefined && { priority }) });
  const rows = [
    at("d", 3, "2025-01-01"),
    at("c", 2, "2025-01-02"),
    at("b", undefined, "2025-01-01"),
    at("a", 2, "2025-01-02"),
  ];
  expect(ready(rows)).toEqual(["b", "a", "c", "d"]);
});
