import { afterAll, beforeAll, expect, test } from "bun:test";
import { executable } from "../conformance/provider.ts";
import { until } from "../conformance/until.ts";
import { chanceOf, FAULT_SEED, runsOf } from "./chance.ts";
import { faultGround, type Ground, RAW_READER } from "./fault-ground.ts";
import { nudgeText } from "./nudge-texts.ts";
import { report } from "./report.ts";

const TEXTS = runsOf(400, 40);
const LONG_TEXTS = runsOf(50, 2);
/** Texts to a program that asks for no marks around what is pasted. */
const BARE_TEXTS = runsOf(100, 20);
/** An Enter too many would come so much later at most. */
const LATE_MS = 2_000;
const MEBIBYTE = 1024 * 1024;
/** Four sessions type at a time, and the soak runs beside them. */
const LIMIT_MS = 900_000;

const PASTE: [string, string] = ["\x1b[200~", "\x1b[201~"];

let submitted = 0;
let ground: Ground;
beforeAll(async () => {
  ground = await faultGround();
}, 60_000);
afterAll(() => {
  report("nudge", { texts: submitted, "of 1 MiB": LONG_TEXTS });
  return ground.remove();
});

for (const locale of ["C", "C.UTF-8"])
  test.concurrent(
    `${TEXTS} texts arrive byte for byte and once, locale ${locale} (FAULT_SEED=${FAULT_SEED})`,
    async () => {
      const chance = chanceOf(`nudge/${locale}`);
      await typesAll(
        `texts-${locale}`,
        locale,
        Array.from({ length: TEXTS }, () => nudgeText(chance, 32_768)),
      );
    },
    LIMIT_MS,
  );

test.concurrent(
  `${BARE_TEXTS} texts arrive with one Enter each, without marks (FAULT_SEED=${FAULT_SEED})`,
  async () => {
    const chance = chanceOf("nudge/bare");
    const texts = Array.from({ length: BARE_TEXTS }, () => nudgeText(chance, 4_096));
    await typesAll("bare", "C.UTF-8", texts, ["", ""]);
  },
  LIMIT_MS,
);

test(
  `${LONG_TEXTS} texts of 1 MiB arrive byte for byte and once (FAULT_SEED=${FAULT_SEED})`,
  async () => {
    const chance = chanceOf("nudge/long");
    const long = () => Buffer.from(chance.bytes(MEBIBYTE).toString("base64").slice(0, MEBIBYTE));
    const texts = Array.from({ length: LONG_TEXTS }, long);
    const half = Math.ceil(texts.length / 2);
    await Promise.all([
      typesAll("long-1", "C.UTF-8", texts.slice(0, half)),
      typesAll("long-2", "C", texts.slice(half)),
    ]);
  },
  LIMIT_MS,
);

/** Types the texts one after another; what the agent has read must then be all of them, each once, between the
 * marks of a paste, and with one Enter, which a terminal in raw mode hands on as it is. */
async function typesAll(session: string, locale: string, texts: Buffer[], marks = PASTE): Promise<void> {
  await ground.ok(
    "start",
    [session],
    JSON.stringify({ command: `${RAW_READER} ${marks === PASTE ? "paste" : ""}`, env: { LC_ALL: locale } }),
  );
  await until(async () => (await ground.ok("peek", [session])).includes("ready"));
  const call = executable(ground.env, ground.executable);
  const expected: Buffer[] = [];
  for (const text of texts) {
    expect(await call({ op: "nudge", args: [session], stdin: text })).toMatchObject({ exit: 0, stderr: "" });
    expected.push(Buffer.concat([Buffer.from(marks[0]), text, Buffer.from(`${marks[1]}\r`)]));
  }
  const all = Buffer.concat(expected);
  await until(async () => Number(await ground.inBox(session, "wc -c </tmp/read")) >= all.length);
  await Bun.sleep(LATE_MS);
  const hash = (await ground.inBox(session, "sha256sum </tmp/read")).split(" ")[0];
  if (hash !== new Bun.CryptoHasher("sha256").update(all).digest("hex")) throw await firstDifference(session, expected);
  submitted += texts.length;
}

async function firstDifference(session: string, expected: Buffer[]): Promise<Error> {
  const read = Buffer.from(await ground.inBox(session, "base64 -w0 /tmp/read"), "base64");
  let at = 0;
  for (const [number, text] of expected.entries()) {
    const got = read.subarray(at, at + text.length);
    at += text.length;
    if (!got.equals(text))
      return new Error(
        `text ${number}: ${JSON.stringify(text.toString("latin1"))} was read as ${JSON.stringify(got.toString("latin1"))}`,
      );
  }
  return new Error(`more was read than typed: ${read.length - at} bytes`);
}
