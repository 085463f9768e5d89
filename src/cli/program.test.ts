import { expect, test } from "bun:test";
import { UnknownOperationError, UsageError } from "../provider/errors.ts";
import { parse } from "./program.ts";
import { textTable } from "./text-table.ts";

const inA = { GC_K8S_NAMESPACE: { value: "a", origin: "--namespace" } };

test.each<[string[], string, string[], Record<string, { value: string; origin: string }>]>([
  [["settings"], "settings", [], {}],
  [["settings", "-o", "json", "-n", "a"], "settings", [], { GC_K8S_NAMESPACE: { value: "a", origin: "--namespace" } }],
  [["pod", "x", "--dry-run"], "pod", ["x"], {}],
  [["pod", "x", "--context=c"], "pod", ["x"], { GC_K8S_CONTEXT: { value: "c", origin: "--context" } }],
  [["pod", "--dry-run=server", "x", "--city", ""], "pod", ["x"], {}],
  [["pod", "--", "-x"], "pod", ["-x"], {}],
  [["nudge", "-n", "a", "x", "git", "log", "-n", "3"], "nudge", ["x", "git", "log", "-n", "3"], inA],
  [["nudge", "x", "-n", "a", "ls", "--", "-x"], "nudge", ["x", "ls", "--", "-x"], inA],
  [["nudge", "x", "-n", "a", "--", "-x"], "nudge", ["x", "-x"], inA],
  [["nudge", "x", "-n", "a"], "nudge", ["x"], inA],
  [
    ["-n", "a", "--city=b", "settings", "-o", "json"],
    "settings",
    [],
    { GC_K8S_CITY: { value: "b", origin: "--city" } },
  ],
])("%p", (argv, name, args, settings) => {
  expect(parse(argv)).toMatchObject({ name, args, settings });
});

test.each<[string[], new (message: string) => Error, string]>([
  [["nope"], UnknownOperationError, "unknown command 'nope'"],
  [["help", "nope"], UnknownOperationError, "unknown command 'nope'"],
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

test("the list of commands has a line for each, which a terminal of 80 columns does not break", async () => {
  const { stdout = "" } = (await parse([]).operation.run(undefined as never)) ?? {};
  const lines = String(stdout).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines.filter((line) => /^ {2}[a-z]/.test(line))).toHaveLength(16);
  expect(lines.filter((line) => /^ {10}/.test(line))).toEqual([]);
});

test("the version is that of the package", async () => {
  const { version } = await Bun.file(`${import.meta.dir}/../../package.json`).json();
  expect(await parse(["--version"]).operation.run(undefined as never)).toEqual({ stdout: `${version}\n` });
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
