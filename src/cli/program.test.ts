import { expect, test } from "bun:test";
import { UnknownOperationError, UsageError } from "../provider/errors.ts";
import { parse } from "./program.ts";
import { textTable } from "./text-table.ts";

test.each<[string[], string, string[], Record<string, { value: string; origin: string }>]>([
  [["settings"], "settings", [], {}],
  [["settings", "-o", "json", "-n", "a"], "settings", [], { GC_K8S_NAMESPACE: { value: "a", origin: "--namespace" } }],
  [["pod", "x", "--dry-run"], "pod", ["x"], {}],
  [["pod", "x", "--context=c"], "pod", ["x"], { GC_K8S_CONTEXT: { value: "c", origin: "--context" } }],
  [["pod", "--dry-run=server", "x", "--city", ""], "pod", ["x"], {}],
  [["pod", "--", "-x"], "pod", ["-x"], {}],
])("%p", (argv, name, args, settings) => {
  expect(parse(argv)).toMatchObject({ name, args, settings });
});

test.each<[string[], new (message: string) => Error, string]>([
  [["nope"], UnknownOperationError, "unknown command 'nope'"],
  [["--nope"], UsageError, "unknown option '--nope'"],
  [["pod"], UsageError, "missing required argument 'name'"],
  [["pod", "a", "b"], UsageError, "too many arguments"],
  [["settings", "-o", "xml"], UsageError, "Allowed choices are table, wide, json"],
  [["pod", "x", "--dry-run=maybe"], UsageError, "Allowed choices are client, server"],
])("%p is refused", (argv, kind, message) => {
  expect(() => parse(argv)).toThrow(kind);
  expect(() => parse(argv)).toThrow(message);
});

test.each([[[]], [["--help"]], [["help"]], [["pod", "--help"]], [["help", "settings"]]])("%p is help", async (argv) => {
  const { name, operation } = parse(argv);
  expect(name).toBe("help");
  const result = await operation.run(undefined as never);
  expect(result?.stdout).toStartWith("Usage: gc-k8s");
});

test("a table has columns, and no value moves the cursor", () => {
  expect(
    textTable(
      ["A", "B"],
      [
        ["日本", "x"],
        ["a\u001b[2Jb\n", "\u009b2J"],
      ],
    ),
  ).toBe("A               B\n日本            x\na\\u001b[2Jb\\n   \\u009b2J\n");
});
