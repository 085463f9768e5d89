import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, shellCommand } from "../conformance/provider.ts";
import { chanceOf, FAULT_SEED, inParallel, runsOf } from "./chance.ts";
import { type FaultyWire, faultyWire } from "./cluster-access.ts";
import { faultGround, type Ground } from "./fault-ground.ts";
import { report } from "./report.ts";
import type { TcpFault } from "./tcp-proxy.ts";

const COPIES = runsOf(200, 20);
const LARGEST = runsOf(64, 8) * 1024 * 1024;
/** Sizes at which something upstream goes wrong, and the ends of the range. */
const SIZES = [0, 1, 511, 512, 32_767, 32_768, 192 * 1024 - 1, 192 * 1024, 192 * 1024 + 1, LARGEST];
const SESSION = "copied";
/** What a pipe keeps waiting while more arrives goes wrong seldom. */
const SLOW = runsOf(300, 30);
const SLOW_BYTES = 4_461_684;
/** Cut ones mostly wait for their next attempt. */
const AT_ONCE = 6;
/** Smaller files may stay to the end. */
const LARGE = 1024 * 1024;
/** A file that is cut midway is long enough for its middle to be far from what surrounds it: at the end, a cut may take the
 * answer only. */
const SMALLEST_CUT = 32_767;

type CutFault = { wire: "tcp" } & TcpFault;
type Direction = TcpFault["direction"];

let ground: Ground;
let wire: FaultyWire;
let folder: string;
/** Bytes of a copy of nothing, each way. */
let overhead: Record<Direction, number>;
beforeAll(async () => {
  ground = await faultGround();
  wire = await faultyWire(ground.kubeconfig);
  folder = mkdtempSync(join(tmpdir(), "copies-"));
  await ground.ok("start", [SESSION], JSON.stringify({ command: "exec sleep 3600" }));
  overhead = await copyOfNothing();
}, 60_000);
afterAll(async () => {
  wire.close();
  rmSync(folder, { recursive: true });
  await ground.remove();
});

test(`${COPIES} copies each way: whole, or exit 1 and nothing in place (FAULT_SEED=${FAULT_SEED})`, async () => {
  const indices = Array.from({ length: COPIES }, (_, index) => index);
  const copies = await inParallel(indices, AT_ONCE, copy);
  const runs = copies.flatMap(({ to, from }) => [to, from]);
  const struck = runs.filter(({ isStruck }) => isStruck);
  const overOlder = copies.filter(({ to, isOver }) => isOver && to.isStruck);
  report("copy", {
    copies: runs.length,
    "cut midway": struck.length,
    "of these failed": struck.filter(({ exit }) => exit === 1).length,
    "cut over an older file": overOlder.length,
    "largest in MiB": LARGEST / 1024 / 1024,
  });
  expect(copies.flatMap(({ problems }) => problems)).toEqual([]);
  expect(struck.length).toBeGreaterThanOrEqual(runs.length / 4);
  expect(overOlder.filter(({ to }) => to.exit === 1).length).toBeGreaterThan(0);
  expect(
    (await ground.inBox(SESSION, "ls -A /workspace | grep gc-copy || :; ls -A /run/gc | grep copy || :")).trim(),
  ).toBe("");
}, 600_000);

test(`${SLOW} copies out of the box to readers that are slow: whole (FAULT_SEED=${FAULT_SEED})`, async () => {
  const bytes = chanceOf("slow").bytes(SLOW_BYTES);
  const source = join(folder, "slow");
  writeFileSync(source, bytes);
  await ground.ok("copy-to", [SESSION, source, "slow"]);
  const command = shellCommand(ground.env as Record<string, string>, "copy-from", [SESSION, "slow"]);
  const indices = Array.from({ length: SLOW }, (_, index) => index);
  const outcomes = await inParallel(indices, AT_ONCE, async (index) => {
    const pause = chanceOf(`slow/${index}`).below(400) / 1000;
    const script = `${command} | { sleep ${pause}; sha256sum; }; exit \${PIPESTATUS[0]}`;
    const child = Bun.spawn(["bash", "-c", script], { stdout: "pipe", stderr: "inherit" });
    return `${(await child.stdout.text()).split(" ")[0]} ${await child.exited}`;
  });
  report("copy", {
    "to slow readers": SLOW,
    "of these whole": outcomes.filter((each) => each === `${sumOf(bytes)} 0`).length,
  });
  expect([...new Set(outcomes)]).toEqual([`${sumOf(bytes)} 0`]);
}, 300_000);

/** Copies a file into the box, half of them over an older one, and back. A third of all is cut midway, either way. */
async function copy(index: number) {
  const chance = chanceOf(`copy/${index}`);
  const turn = index % 3;
  const size = SIZES[index] ?? chance.between(turn === 2 ? 0 : SMALLEST_CUT, LARGEST);
  const [isCutTo, isCutFrom] = [0, 1].map((direction) => turn === direction && size >= SMALLEST_CUT);
  const source = join(folder, String(index));
  const bytes = chance.bytes(size);
  writeFileSync(source, bytes);
  const sum = sumOf(bytes);
  const cut = (direction: Direction): CutFault => ({
    wire: "tcp",
    kind: chance.pick(["reset", "close"]),
    direction,
    // A third of the cuts hit one attempt only, so that the next one has to clean up and succeed.
    connections: chance.pick(["first", "all", "all"]),
    atByte: overhead[direction] + Math.floor((size * (5 + chance.below(91))) / 100),
    ms: 0,
  });
  const problems: string[] = [];
  const name = `file-${index}`;
  const place = `"/workspace/${name}"`;
  const isOver = chance.below(2) === 0;
  const older = isOver ? await putOlder(name, chance.bytes(1 + chance.below(LARGE))) : undefined;
  const to = await call(isCutTo ? cut("request") : undefined, "copy-to", [SESSION, source, name]);
  const there = (await ground.inBox(SESSION, `[ ! -e ${place} ] || sha256sum <${place}`)).split(" ")[0]?.trim();
  if (to.exit === 0 ? there !== sum : there !== (older ?? "") || to.exit !== 1)
    problems.push(
      `copy-to of ${size} bytes ended with ${to.exit}, in place is "${there}", before "${older}" (${to.stderr.trim()})`,
    );
  if (to.exit !== 0) await ground.ok("copy-to", [SESSION, source, name]);
  const from = await call(isCutFrom ? cut("answer") : undefined, "copy-from", [SESSION, `/workspace/${name}`]);
  if (from.exit === 0 ? !bytes.equals(from.bytes) : from.exit !== 1)
    problems.push(
      `copy-from of ${size} bytes ended with ${from.exit} and printed ${from.bytes.length} (${from.stderr.trim()})`,
    );
  if (size > LARGE) await ground.inBox(SESSION, `rm -f ${place}`);
  rmSync(source);
  const run = ({ exit, isStruck }: typeof to) => ({ exit, isStruck });
  return { to: run(to), from: run(from), isOver, problems };
}

/** Puts a file there that a copy which fails must leave as it is; resolves with its hash. */
async function putOlder(name: string, bytes: Buffer): Promise<string> {
  const source = join(folder, `older-${name}`);
  writeFileSync(source, bytes);
  await ground.ok("copy-to", [SESSION, source, name]);
  rmSync(source);
  return sumOf(bytes);
}

/** What goes each way around the bytes of a file: all that goes when it has none. */
async function copyOfNothing(): Promise<Record<Direction, number>> {
  const source = join(folder, "nothing");
  writeFileSync(source, "");
  const passed = async (direction: Direction, op: string, args: string[]) => {
    const fault: CutFault = { wire: "tcp", kind: "reset", direction, connections: "all", atByte: 2 ** 40, ms: 0 };
    const { exit, bytesPassed } = await call(fault, op, [SESSION, ...args]);
    if (exit !== 0 || bytesPassed === 0) throw new Error(`${op} of nothing ended with ${exit}`);
    return bytesPassed;
  };
  return {
    request: await passed("request", "copy-to", [source, "nothing"]),
    answer: await passed("answer", "copy-from", ["/workspace/nothing"]),
  };
}

async function call(fault: CutFault | undefined, op: string, args: string[]) {
  const run = (env: Record<string, string>) => executable({ ...ground.env, ...env }, ground.executable)({ op, args });
  if (!fault) return { ...(await run({})), bytesPassed: 0, isStruck: false };
  return await wire.through(fault, async (KUBECONFIG, port) => {
    const outcome = await run({ KUBECONFIG });
    return { ...outcome, bytesPassed: port.passed.connections[0]?.[fault.direction] ?? 0, isStruck: port.struck() };
  });
}

function sumOf(bytes: Buffer): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}
