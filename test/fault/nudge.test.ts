import { afterAll, beforeAll, expect, test } from "bun:test";
import { executable } from "../conformance/provider.ts";
import { until } from "../conformance/until.ts";
import { chanceOf, FAULT_SEED, runsOf } from "./chance.ts";
import { faultGround, type Ground, RAW_READER } from "./fault-ground.ts";
import { nudgeText } from "./nudge-texts.ts";

const TEXTS = runsOf(400, 40);
const LONG_TEXTS = runsOf(50, 2);
const MEBIBYTE = 1024 * 1024;

let ground: Ground;
beforeAll(async () => {
  ground = await faultGround();
}, 60_000);
afterAll(() => ground.remove());

for (const locale of ["C", "C.UTF-8"])
  test.concurrent(`${TEXTS} texts arrive byte for byte and once, locale ${locale} (FAULT_SEED=${FAULT_SEED})`, async () => {
    const chance = chanceOf(`nudge/${locale}`);
    await typesAll(
      `texts-${locale}`,
      locale,
      Array.from({ length: TEXTS }, () => nudgeText(chance, 32_768)),
    );
  }, 240_000);

test(`${LONG_TEXTS} texts of 1 MiB arrive byte for byte and once (FAULT_SEED=${FAULT_SEED})`, async () => {
  const chance = chanceOf("nudge/long");
  const long = () => Buffer.from(chance.bytes(MEBIBYTE).toString("base64").slice(0, MEBIBYTE));
  const texts = Array.from({ length: LONG_TEXTS }, long);
  const half = Math.ceil(texts.length / 2);
  await Promise.all([typesAll("long-1", "C.UTF-8", texts.slice(0, half)), typesAll("long-2", "C", texts.slice(half))]);
}, 240_000);

/** Types the texts one after another; what the agent has read must then be all of them, each pasted and submitted once. */
async function typesAll(session: string, locale: string, texts: Buffer[]): Promise<void> {
  await ground.ok(
    "start",
    [session],
    JSON.stringify({ command: `set -- paste; ${RAW_READER} paste`, env: { LC_ALL: locale } }),
  );
  await until(async () => (await ground.ok("peek", [session])).includes("ready"));
  const call = executable(ground.env, ground.executable);
  const expected: Buffer[] = [];
  for (const text of texts) {
    expect(await call({ op: "nudge", args: [session], stdin: text })).toMatchObject({ exit: 0, stderr: "" });
    expected.push(Buffer.concat([Buffer.from("\x1b[200~"), text, Buffer.from("\x1b[201~\r")]));
  }
  const all = Buffer.concat(expected);
  await until(async () => Number(await ground.inBox(session, "wc -c </tmp/read")) >= all.length);
  const hash = (await ground.inBox(session, "sha256sum </tmp/read")).split(" ")[0];
  if (hash !== new Bun.CryptoHasher("sha256").update(all).digest("hex")) throw await firstDifference(session, expected);
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
