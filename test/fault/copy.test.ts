import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable } from "../conformance/provider.ts";
import { chanceOf, FAULT_SEED, inParallel, runsOf } from "./chance.ts";
import { type FaultyWire, faultyWire, type WireFault } from "./cluster-access.ts";
import { faultGround, type Ground } from "./fault-ground.ts";

const COPIES = runsOf(200, 20);
const LARGEST = runsOf(64, 8) * 1024 * 1024;
/** Sizes at which something upstream goes wrong, and the ends of the range. */
const SIZES = [0, 1, 511, 512, 32_767, 32_768, 192 * 1024 - 1, 192 * 1024, 192 * 1024 + 1, LARGEST];
const SESSION = "copied";
/** Cut ones mostly wait for their next attempt. */
const AT_ONCE = 6;
/** Smaller files may stay to the end. */
const LARGE = 1024 * 1024;

let ground: Ground;
let wire: FaultyWire;
let folder: string;
beforeAll(async () => {
  ground = await faultGround();
  wire = await faultyWire(ground.kubeconfig);
  folder = mkdtempSync(join(tmpdir(), "copies-"));
  await ground.ok("start", [SESSION], JSON.stringify({ command: "exec sleep 3600" }));
}, 60_000);
afterAll(async () => {
  wire.close();
  rmSync(folder, { recursive: true });
  await ground.remove();
});

test(`${COPIES} copies each way: whole, or exit 1 and nothing in place (FAULT_SEED=${FAULT_SEED})`, async () => {
  const problems = await inParallel(
    Array.from({ length: COPIES }, (_, index) => index),
    AT_ONCE,
    copy,
  );
  expect(problems.flat()).toEqual([]);
  expect(
    (await ground.inBox(SESSION, "ls -A /workspace | grep gc-copy || :; ls -A /run/gc | grep copy || :")).trim(),
  ).toBe("");
}, 600_000);

/** Copies a file into the box and back. A third of all is cut midway, either way. */
async function copy(index: number): Promise<string[]> {
  const chance = chanceOf(`copy/${index}`);
  const size = SIZES[index] ?? chance.between(0, LARGEST);
  const source = join(folder, String(index));
  const bytes = chance.bytes(size);
  writeFileSync(source, bytes);
  const sum = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const cut = (direction: "request" | "answer"): WireFault | undefined =>
    chance.below(3) > 0
      ? undefined
      : {
          wire: "tcp",
          kind: chance.pick(["reset", "close"]),
          direction,
          // A third of the cuts hit one attempt only, so that the next one has to clean up and succeed.
          connections: chance.pick(["first", "all", "all"]),
          atByte: 4_000 + chance.below(size + 1),
          ms: 0,
        };
  const found: string[] = [];
  const name = `file-${index}`;
  const to = await call(cut("request"), "copy-to", [SESSION, source, name]);
  const there = await ground.inBox(SESSION, `sha256sum <"/workspace/${name}" || :`);
  if (to.exit === 0 ? !there.startsWith(sum) : there !== "" || to.exit !== 1)
    found.push(
      `copy-to of ${size} bytes ended with ${to.exit}, and in place is "${there.trim()}" (${to.stderr.trim()})`,
    );
  if (to.exit !== 0) await ground.ok("copy-to", [SESSION, source, name]);
  const from = await call(cut("answer"), "copy-from", [SESSION, `/workspace/${name}`]);
  if (from.exit === 0 ? !bytes.equals(from.bytes) : from.exit !== 1)
    found.push(
      `copy-from of ${size} bytes ended with ${from.exit} and printed ${from.bytes.length} (${from.stderr.trim()})`,
    );
  if (size > LARGE) await ground.inBox(SESSION, `rm -f "/workspace/${name}"`);
  rmSync(source);
  return found;
}

async function call(fault: WireFault | undefined, op: string, args: string[]) {
  const run = (env: Record<string, string>) => executable({ ...ground.env, ...env }, ground.executable)({ op, args });
  return fault ? await wire.through(fault, (KUBECONFIG) => run({ KUBECONFIG })) : await run({});
}
