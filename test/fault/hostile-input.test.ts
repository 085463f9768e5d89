import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { podName } from "../../src/pod/names.ts";
import { chanceOf, FAULT_SEED, inParallel, runsOf } from "./chance.ts";
import { faultGround, type Ground } from "./fault-ground.ts";
import { hostileTexts, sessionProblems } from "./hostile-input-sessions.ts";
import { CANARY, hostileText, MAKERS } from "./hostile-inputs.ts";
import { hostileProblems, LIVE } from "./hostile-runs.ts";
import { report } from "./report.ts";

const INPUTS = runsOf(1_500, 150);
const SESSIONS = runsOf(100, 6);
/** Most of the time of a start is spent in the look whether the agent lives on. */
const SESSIONS_AT_ONCE = 8;
const VARIABLES = runsOf(300, 60);
const VARIABLES_AT_ONCE = 30;
const NAMES = 100_000;

let ground: Ground;
beforeAll(async () => {
  ground = await faultGround();
  await ground.ok("start", [LIVE], JSON.stringify({ command: "stty raw -echo; exec cat >/dev/null" }));
}, 60_000);
afterAll(() => ground.remove());

test(`${INPUTS} hostile inputs: exit 0 or 1, one line, nothing injected (FAULT_SEED=${FAULT_SEED})`, async () => {
  const outside = await lookOutside();
  const makers = Object.keys(MAKERS);
  const problems = await inParallel(
    Array.from({ length: INPUTS }, (_, index) => index),
    6,
    async (index) => {
      const what = makers[index % makers.length] ?? "";
      return await hostileProblems(ground, what, index);
    },
  );
  expect(problems.flat()).toEqual([]);
  expect(existsSync(CANARY)).toBe(false);
  expect(await ground.inBox(LIVE, `ls ${CANARY} 2>/dev/null || :`)).toBe("");
  expect(await lookOutside()).toEqual(outside);
  expect(await ground.ok("is-running", [LIVE])).toBe("true\n");
}, 600_000);

test(`${SESSIONS} sessions whose every text is hostile: each arrives as it is (FAULT_SEED=${FAULT_SEED})`, async () => {
  const problems = await inParallel(
    Array.from({ length: SESSIONS }, (_, index) => index),
    SESSIONS_AT_ONCE,
    async (index) => {
      const texts = hostileTexts(index);
      const found = await sessionProblems(ground, texts);
      return found.map((problem) => `${index}, ${JSON.stringify(texts).slice(0, 600)}: ${problem}`);
    },
  );
  report("hostile-input", { sessions: SESSIONS, inputs: INPUTS, variables: VARIABLES, names: NAMES });
  expect(problems.flat()).toEqual([]);
  expect(existsSync(CANARY)).toBe(false);
  expect(await ground.ok("list-running", [""])).toBe(`${LIVE}\n`);
}, 600_000);

test(`${VARIABLES} hostile variables reach the agent as they are (FAULT_SEED=${FAULT_SEED})`, async () => {
  const chance = chanceOf("variables");
  for (let first = 0; first < VARIABLES; first += VARIABLES_AT_ONCE) {
    const env: Record<string, string> = {};
    for (let index = 0; index < VARIABLES_AT_ONCE; index++)
      env[`HOSTILE_${index}`] = wellFormed(hostileText(chance)).slice(0, 2_000);
    const session = `variables-${first}`;
    await ground.ok("start", [session], JSON.stringify({ command: "exec sleep 600", env }));
    const names = Object.keys(env).map((name) => `printf '%s\\0' "$${name}"`);
    expect((await ground.ok("exec", [session], names.join("\n"))).split("\0").slice(0, -1)).toEqual(Object.values(env));
    expect(await ground.inBox(session, `ls ${CANARY} 2>/dev/null || :`)).toBe("");
    await ground.ok("stop", [session]);
  }
}, 240_000);

test(`${NAMES} names give as many pod names, all of them valid`, () => {
  const chance = chanceOf("names");
  const sessions = new Set<string>();
  while (sessions.size < NAMES)
    sessions.add(`${hostileText(chance).slice(0, 60)}${chance.pick(["", "-", "_", " "])}${chance.below(50_000)}`);
  const pods = new Set([...sessions].map((session) => podName({ city: "c", session: wellFormed(session) })));
  expect(pods.size).toBe(new Set([...sessions].map(wellFormed)).size);
  expect([...pods].filter((pod) => pod.length > 63 || !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(pod))).toEqual([]);
}, 60_000);

/** Directories that are meant to change, and what is no path. */
const MEANT = ["/", "/workspace", "/run/gc", ""];

/** What is in the box beside the places that are meant for files. */
async function lookOutside(): Promise<string[]> {
  const script = "find / -xdev -newer /run/gc/committed -not -path '/proc/*' -not -path '/tmp*' 2>/dev/null || :; ls /";
  return (await ground.inBox(LIVE, script)).split("\n").filter((path) => !MEANT.includes(path));
}

/** A lone surrogate has no bytes: what leaves this process is the replacement character. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}
