import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inParallel } from "./chance.ts";
import { type FuzzServer, fuzzServer } from "./fuzz-server.ts";
import { LIVE } from "./hostile-runs.ts";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bugs.ts";
import { CASES, type CaseName } from "./planted-cases.ts";
import { report } from "./report.ts";
import { type LiveGround, liveGround } from "./wire-sessions.ts";

const root = join(import.meta.dir, "../..");
/** A build uses a processor, most cases wait for the cluster. */
const BUGS_AT_ONCE = 3;
const CASES_AT_ONCE = 3;
let isBegun = false;
let caught = 0;

let live: LiveGround;
let server: FuzzServer;
beforeAll(async () => {
  server = fuzzServer();
  live = await liveGround();
  await live.ground.ok("start", [LIVE], JSON.stringify({ command: "exec sleep 3600" }));
}, 120_000);
afterAll(async () => {
  report("planted-bugs", { planted: PLANTED_BUGS.length, caught });
  server.close();
  await live.remove();
});

test("there are at least 15 bugs, and every case notices one", () => {
  expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(15);
  expect([...new Set(PLANTED_BUGS.map(({ caughtBy }) => caughtBy))].sort()).toEqual(
    Object.keys(CASES).sort() as CaseName[],
  );
});

// Alone, because a bug may do harm to the sessions that live through all cases.
test("nothing is found where no bug is planted", async () => {
  const found = await inParallel(Object.keys(CASES) as CaseName[], CASES_AT_ONCE, async (name) => {
    const findings = await CASES[name]({ ...live, server, prefix: `own-${number(name)}` });
    return findings.map((finding) => `${name}: ${finding}`);
  });
  expect(found.flat()).toEqual([]);
}, 600_000);

const turns = new Map(PLANTED_BUGS.map(({ name }) => [name, Promise.withResolvers<string[]>()]));

/** Builds each bug and does its case; while some are tried, others are built. */
async function catchAll(): Promise<void> {
  await inParallel(PLANTED_BUGS, BUGS_AT_ONCE, async (bug) => {
    const turn = turns.get(bug.name);
    await findingsOf(bug).then(turn?.resolve, turn?.reject);
  });
}

async function findingsOf(bug: PlantedBug): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "planted-bug-"));
  try {
    const executable = await withBug(folder, bug);
    const stage = {
      ground: live.ground.under(executable),
      wire: live.wire,
      server,
      prefix: `bug-${PLANTED_BUGS.indexOf(bug)}`,
    };
    return await CASES[bug.caughtBy](stage);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.concurrent.each(PLANTED_BUGS)(
  "caught: $name ($caughtBy)",
  async ({ name, finding }) => {
    if (!isBegun) void catchAll();
    isBegun = true;
    const found = (await turns.get(name)?.promise) ?? [];
    expect(found).toContainEqual(expect.stringMatching(finding));
    caught++;
  },
  900_000,
);
/** Builds the executable of this tree with the bug in it. */
async function withBug(folder: string, { file, changes }: PlantedBug): Promise<string> {
  for (const part of ["src", "deploy", "package.json", "tsconfig.json"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const path = join(folder, "src", file);
  let text = readFileSync(path, "utf8");
  for (const [search, replacement] of changes) {
    if (text.split(search).length !== 2) throw new Error(`${file} does not hold this once: ${search}`);
    text = text.split(search).join(replacement);
  }
  writeFileSync(path, text);
  const executable = join(folder, "gc-session-k8s");
  const build = [process.execPath, "build", "--compile", `--outfile=${executable}`, join(folder, "src/main.ts")];
  const bun = Bun.spawn(build, { cwd: folder, stdout: "ignore", stderr: "pipe" });
  const errors = await bun.stderr.text();
  if ((await bun.exited) !== 0) throw new Error(`Cannot build the bug: ${errors}`);
  return executable;
}

function number(name: CaseName): number {
  return Object.keys(CASES).indexOf(name);
}
