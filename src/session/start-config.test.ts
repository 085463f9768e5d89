import { describe, expect, test } from "bun:test";
import { UsageError } from "../provider/errors.ts";
import { parseStartConfig } from "./start-config.ts";

const EMPTY = { workDir: "", command: "", lifecycle: "", nudge: "", env: {} };

describe("what gc may send", () => {
  test.each<[string, object]>([
    ["{}", {}],
    [" {}\n", {}],
    [
      '{"work_dir":"/w","command":"claude","lifecycle":"one_shot","nudge":"hi"}',
      {
        workDir: "/w",
        command: "claude",
        lifecycle: "one_shot",
        nudge: "hi",
      },
    ],
    ['{"work_dir":null,"command":null,"env":null,"nudge":null,"lifecycle":null}', {}],
    ['{"work_dir":"","env":{}}', {}],
    ['{"env":{"A":"","B":"x\\ny\\u00e9\\"\'$"}}', { env: { A: "", B: `x\nyé"'$` } }],
    ['{"unknown":{"a":[1]},"timeout":30,"fingerprint_extra":{}}', {}],
    ['{"command":"a\\nb","nudge":"é\\n"}', { command: "a\nb", nudge: "é\n" }],
  ])("%s", (text, expected) => {
    expect(parseStartConfig(text)).toMatchObject({ ...EMPTY, ...expected });
  });

  test("a command of 10 MB", () => {
    const command = "x".repeat(10 * 2 ** 20);
    expect(parseStartConfig(JSON.stringify({ command })).command).toHaveLength(command.length);
  });
});

describe("what is refused, with the field's name and never with its value", () => {
  test.each([
    ["", "it is empty"],
    [" \n", "it is empty"],
    ["{", "it is no JSON"],
    ["{} {}", "it is no JSON"],
    ["secret-text", "it is no JSON"],
    ["null", "it is no JSON object"],
    ["[]", "it is no JSON object"],
    ['"secret"', "it is no JSON object"],
    ["5", "it is no JSON object"],
    ['{"work_dir":5}', "work_dir must be a text without NUL"],
    ['{"work_dir":"relative"}', "work_dir must be an absolute path"],
    ['{"work_dir":"./x"}', "work_dir must be an absolute path"],
    ['{"work_dir":"/a\\u0000b"}', "work_dir must be a text without NUL"],
    ['{"command":["secret"]}', "command must be a text without NUL"],
    ['{"command":"secret\\u0000"}', "command must be a text without NUL"],
    ['{"nudge":{}}', "nudge must be a text without NUL"],
    ['{"lifecycle":true}', "lifecycle must be a text without NUL"],
    ['{"env":[]}', "env must be an object of texts"],
    ['{"env":"A=secret"}', "env must be an object of texts"],
    ['{"env":{"A":null}}', "env: the value of A is not a text"],
    ['{"env":{"A":7}}', "env: the value of A is not a text"],
    ['{"env":{"A-B":"secret"}}', 'env: "A-B" is no name that a shell can hold'],
    ['{"env":{"A":"secret\\u0000"}}', "env: the value of A holds a NUL or half a character"],
    ['{"env":{"GC_DOLT_HOST":"h"}}', "requires both GC_DOLT_HOST and GC_DOLT_PORT"],
  ])("%s", (text, problem) => {
    let error: unknown;
    try {
      parseStartConfig(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(problem);
    expect(String(error)).not.toContain("secret");
  });
});
