import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable } from "../conformance/provider.ts";
import { until } from "../conformance/until.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { type Ground, RAW_READER } from "./fault-ground.ts";
import { CANARY, hostileText } from "./hostile-inputs.ts";

/** What the texts of one session are for; each is hostile, within the rules of its place. */
interface Texts {
  name: string;
  /** Of a directory of the city, in which the agent works. */
  directory: string;
  /** Of a file that is staged, here and there. */
  source: string;
  target: string;
  nudge: string;
  key: string;
  value: string;
  variable: string;
  /** Said by the agent's command, by a command before it and by one after it, as a word of the shell. */
  word: string;
}

/** A name of a file has 255 bytes at most, a value of metadata 12 KiB. */
const FILE_BYTES = 200;
const KEY_BYTES = 2_000;
const VALUE_BYTES = 12 * 1024;
const LINE = /[\p{Cc}\u2028\u2029]/gu;

/** The texts of one session, from the seed. */
export function hostileTexts(index: number): Texts {
  const chance = chanceOf(`session/${index}`);
  // Its first letter keeps each apart from the others, should chance draw one text twice.
  const file = (first: string) => `${first}${cut(hostile(chance).replaceAll("/", "∕"), FILE_BYTES)}`;
  return {
    // Its number keeps it apart from the others.
    name: `${cut(hostile(chance).replace(LINE, "·"), 800)}${index}`,
    directory: file("d"),
    source: file("s"),
    target: file("t"),
    nudge: hostile(chance),
    key: `h${cut(hostile(chance).replace(LINE, "").replaceAll("=", ""), KEY_BYTES)}`,
    value: cut(hostile(chance), VALUE_BYTES),
    variable: hostile(chance),
    word: hostile(chance),
  };
}

/** Starts a session of these texts, looks whether each has arrived as it is and has done nothing, and ends it; resolves
 * with what was wrong. */
export async function sessionProblems(ground: Ground, texts: Texts): Promise<string[]> {
  const { name, directory, source, target, nudge, key, value, variable, word } = texts;
  const call = executable(ground.env, ground.executable);
  const city = mkdtempSync(join(tmpdir(), "hostile-city-"));
  const workDir = join(city, directory);
  mkdirSync(workDir);
  writeFileSync(join(city, source), source);
  const said = (path: string) => `printf %s ${shellWord(word)} >/tmp/${path}`;
  const config = {
    command: `pwd >/tmp/pwd; ${said("command")}; ${RAW_READER} paste`,
    env: { GC_CITY: city, HOSTILE: variable },
    work_dir: workDir,
    copy_files: [{ src: join(city, source), rel_dst: target }],
    pre_start: [said("pre_start")],
    session_setup: [said("session_setup")],
    nudge,
  };
  const found: string[] = [];
  const look = async (
    what: string,
    op: string,
    args: string[],
    stdin: string | undefined,
    expected: string | RegExp,
  ) => {
    const { exit, stdout, stderr } = await call({ op, args: [name, ...args], ...(stdin !== undefined && { stdin }) });
    const isRight = typeof expected === "string" ? stdout === expected : expected.test(stdout);
    if (exit !== 0 || stderr !== "" || !isRight)
      found.push(
        `${what}: ${exit} ${JSON.stringify(stdout.slice(0, 300))}, not ${String(expected).slice(0, 300)} ${stderr}`,
      );
  };
  const file = (path: string, content: string) =>
    look(`what is in ${path}`, "exec", [], `cat -- ${shellWord(path)}`, content);
  try {
    await look("start", "start", [], JSON.stringify(config), "");
    if (found.length > 0) return found;
    await look("is-running", "is-running", [], undefined, "true\n");
    await look("list-running", "list-running", [], undefined, `${name}\n`);
    await look("the screen", "peek", ["20"], undefined, /ready/);
    await look("set-meta", "set-meta", [key], value, "");
    await look("get-meta", "get-meta", [key], undefined, value);
    await look("the variable", "exec", [], `printf %s "$HOSTILE"`, variable);
    await file("/tmp/pwd", `/workspace/${directory}\n`);
    await file(`/workspace/${target}`, source);
    for (const path of ["command", "pre_start", "session_setup"]) await file(`/tmp/${path}`, word);
    const typed = nudge === "" ? "" : `\x1b[200~${nudge}\x1b[201~\r`;
    const length = async () => Number((await call({ op: "exec", args: [name], stdin: "wc -c </tmp/read" })).stdout);
    await until(async () => (await length()) >= Buffer.byteLength(typed), 60_000).catch(() => undefined);
    await file("/tmp/read", typed);
    await look("injected", "exec", [], `ls -d ${CANARY} 2>/dev/null || :`, "");
    await look("stop", "stop", [], undefined, "");
    return found;
  } finally {
    rmSync(city, { recursive: true });
    await call({ op: "stop", args: [name] });
  }
}

function hostile(chance: Chance): string {
  return hostileText(chance).replaceAll("\0", "").toWellFormed();
}

/** The longest beginning of so many bytes that ends with a whole character. */
function cut(text: string, bytes: number): string {
  return Buffer.byteLength(text) <= bytes
    ? text
    : new TextDecoder().decode(Buffer.from(text).subarray(0, bytes)).replace(/\ufffd$/, "");
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
