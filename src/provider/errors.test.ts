import { describe, expect, test } from "bun:test";
import { DeadlineError, errorLine, FactError, InterruptedError, OperationError, UsageError } from "./errors.ts";

/** What gc looks for in stderr (contract, failures §0.6), in the forms in which errors bring it. */
const PHRASES = [
  "already exists",
  "Already Exists",
  "ALREADY EXISTS",
  "no tmux server running",
  "not running",
  "Not Found",
  "not found",
  "no issue found",
];
const FACT = /already exists|no tmux server running|not running|not found|no issue found/i;

describe("an error that proves nothing never holds a phrase of gc's", () => {
  test.each(PHRASES)("%s", (phrase) => {
    for (const error of [
      new Error(`pods "x" ${phrase}`),
      new OperationError(`${phrase}: ${phrase}`),
      new UsageError(phrase),
      `thrown text: ${phrase}`,
    ]) {
      const line = errorLine(error, "start");
      expect(line).not.toMatch(FACT);
      expect(line.length).toBeGreaterThan("start: ".length);
    }
  });

  test("nor across a line break that becomes a blank", () => {
    expect(errorLine(new Error("not\nfound"))).not.toMatch(FACT);
    expect(errorLine(new Error("already\r\nexists, no\u2028issue\tfound"))).not.toMatch(FACT);
  });

  test("nor around the words that stand for it", () => {
    for (const phrase of PHRASES) {
      const [first = "", last = ""] = [phrase.slice(0, phrase.lastIndexOf(" ")), phrase.slice(phrase.lastIndexOf(" "))];
      expect(errorLine(new Error(`${first} ${phrase}${last}${last}`))).not.toMatch(FACT);
      expect(errorLine(new Error(`${phrase.split(" ")[0]} ${phrase}${last}`))).not.toMatch(FACT);
    }
  });

  test("nor in the operation's name", () => {
    expect(errorLine(new Error("x"), "not found")).not.toMatch(FACT);
  });
});

test.each(PHRASES)("a fact is told in gc's words: %s", (phrase) => {
  expect(errorLine(new FactError(`session "x" ${phrase}`), "start")).toBe(`start: session "x" ${phrase}`);
});

describe("one line", () => {
  test.each([
    ["a\nb", "a b"],
    ["a\r\n\n\tb\n", "a b"],
    ["a\u001b[31mred\u0007\u007f\u009b", "a [31mred"],
    ["a\u2028b\u2029c\u0085d", "a b c d"],
    ["é日本😀", "é日本😀"],
  ])("%p becomes %p", (text, expected) => {
    expect(errorLine(new Error(text))).toBe(expected);
    expect(errorLine(new FactError(text))).toBe(expected);
  });

  test("of at most 2000 characters", () => {
    const line = errorLine(new Error("x".repeat(100_000)));
    expect(line).toHaveLength(2000);
    expect(line).toEndWith("…");
  });
});

test.each<[unknown, string]>([
  [new InterruptedError("SIGINT"), "ended by SIGINT"],
  [new DeadlineError(27_000), "no result in 27 s"],
  [new Error(""), "Error"],
  ["text", "text"],
  [undefined, "undefined"],
])("%p reads %p", (error, expected) => {
  expect(errorLine(error)).toBe(expected);
});

/** Throws what the language itself throws. */
function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

test.each<[string, unknown]>([
  ["TypeError", thrownBy(() => (undefined as unknown as { name: string }).name)],
  ["TypeError", thrownBy(() => new URL("no URL"))],
  ["RangeError", thrownBy(() => new Date(Number.NaN).toISOString())],
  ["SyntaxError", thrownBy(() => JSON.parse("{"))],
  ["URIError", thrownBy(() => decodeURIComponent("%"))],
  ["ReferenceError", new ReferenceError("x is not defined")],
])("a mistake of this program is called one: %s", (name, error) => {
  expect(errorLine(error, "peek")).toStartWith(`peek: internal error: ${name}: `);
  // Also where it is the reason of something else.
  expect(errorLine(new OperationError(`it broke: ${errorLine(error)}`))).toContain(": internal error: ");
});

test("what is refused is no mistake of this program", () => {
  for (const error of [new UsageError("x"), new OperationError("x"), new FactError("x"), new Error("x"), "x"])
    expect(errorLine(error)).toBe("x");
});
