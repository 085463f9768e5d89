import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RESET_TERMINAL } from "../../src/session/attach.ts";
import type { Ground } from "./fault-ground.ts";
import { runOfBox } from "./hostile-box-runs.ts";

const folder = mkdtempSync(join(tmpdir(), "hostile-box-runs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is found of a program in a terminal of its own. */
async function offencesOf(name: string, script: string): Promise<string[]> {
  const executable = join(folder, name);
  writeFileSync(executable, `#!/bin/sh\n${script}\n`);
  chmodSync(executable, 0o755);
  const ground = { executable, env: process.env } as unknown as Ground;
  const call = { op: "attach", args: () => [], inTerminal: true };
  return (await runOfBox(ground, call, "session")).offences;
}

const reset = join(folder, "reset");
writeFileSync(reset, RESET_TERMINAL);
const LEAVE = "saved=$(stty -g); stty raw -echo; printf '\\033[?1049h'";
const GIVE_BACK = 'stty "$saved"';
const RESET = `cat '${reset}'`;

test.each([
  ["gives the terminal back", [LEAVE, GIVE_BACK, RESET], []],
  ["leaves it raw", [LEAVE, RESET], ["the terminal is not given back as it was"]],
  ["leaves the modes", [LEAVE, GIVE_BACK], ["the terminal is left in the box's modes"]],
])("a program that %s", async (name, steps, offences) => {
  expect(await offencesOf(name.replaceAll(" ", "-"), steps.join("\n"))).toEqual(offences);
});
