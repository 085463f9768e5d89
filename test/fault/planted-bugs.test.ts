import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FaultyWire, faultyWire } from "./cluster-access.ts";
import { faultGround, type Ground, ownExecutable } from "./fault-ground.ts";
import { type FuzzServer, fuzzServer } from "./fuzz-server.ts";
import { LIVE } from "./hostile-runs.ts";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bugs.ts";
import { CASES, type CaseName } from "./planted-cases.ts";
import { startLiveSessions } from "./wire-sessions.ts";

const root = join(import.meta.dir, "../..");
const TIMEOUT_MS = 120_000;

let ground: Ground;
let wire: FaultyWire;
let server: FuzzServer;
beforeAll(async () => {
  ground = await faultGround(ownExecutable());
  wire = await faultyWire(ground.kubeconfig);
  server = fuzzServer();
  await startLiveSessions(ground);
  await ground.ok("start", [LIVE], JSON.stringify({ command: "exec sleep 3600" }));
}, 120_000);
afterAll(async () => {
  server.close();
  wire.close();
  await ground.remove();
});

test("there are at least 15 bugs, and every case notices one", () => {
  expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(15);
  expect([...new Set(PLANTED_BUGS.map(({ caughtBy }) => caughtBy))].sort()).toEqual(
    Object.keys(CASES).sort() as CaseName[],
  );
});

test.each(Object.keys(CASES) as CaseName[])(
  "%s: nothing is found where no bug is planted",
  async (name) => {
    expect(await CASES[name]({ ground, wire, server, prefix: `own-${number(name)}` })).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each(PLANTED_BUGS)(
  "caught: $name ($caughtBy)",
  async (bug) => {
    const folder = mkdtempSync(join(tmpdir(), "planted-bug-"));
    try {
      const executable = await withBug(folder, bug);
      const stage = { ground: ground.under(executable), wire, server, prefix: `bug-${PLANTED_BUGS.indexOf(bug)}` };
      expect(await CASES[bug.caughtBy](stage)).not.toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  TIMEOUT_MS,
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
