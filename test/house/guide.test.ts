import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorTexts, textsIn } from "./error-texts.ts";

const guide = readFileSync(join(import.meta.dir, "../../docs/guide.md"), "utf8");

/** Beginnings of errors as the tables of "Troubleshooting" have them. */
function entries(): string[] {
  const cells = guide
    .slice(guide.indexOf("## Troubleshooting"))
    .split("\n")
    .map((line) => /^\| (`.*`) \| /.exec(line)?.[1] ?? "");
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, entry = ""]) => entry));
}

/** `…` in an entry stands for anything; an error matches that begins so. */
function pattern(entry: string): RegExp {
  return new RegExp(`^${entry.split("…").map(RegExp.escape).join(".*?")}`);
}

/** A text that is little but placeholders only puts other texts together. */
function isFrame(text: string): boolean {
  return text.replace(/[^a-z]/gi, "").length < 12;
}

test("errors are read out of the source, with … for what is filled in", () => {
  const source =
    'new UsageError(\n "a \\"b\\""); new OperationError(`c ${d ? `${e}` : {}} f`); new OperationError(text)';
  expect(textsIn(source)).toEqual(['a "b"', "c … f"]);
});

test("each error that the code can print has an entry in the guide", () => {
  expect(errorTexts().length).toBeGreaterThan(150);
  const patterns = entries().map(pattern);
  const missing = errorTexts().filter((text) => !isFrame(text) && !patterns.some((each) => each.test(text)));
  expect(missing).toEqual([]);
});

test("no entry is so wide that it would take in what nobody wrote about", () => {
  const wide = entries().filter((entry) => entry.replace(/[^A-Za-z]/g, "").length < 3);
  expect(wide).toEqual([]);
});
