import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BYTES = 5 * 1024 * 1024 + 321;

/** Writes numbered bytes in pieces that come as those of a connection do: some at once, some later. */
const PROGRAM = `
import { dlopen } from "bun:ffi";
import { writeSync } from "node:fs";
import { Stdout } from "${import.meta.dir}/stdout.ts";
const [F_SETFL, O_NONBLOCK] = [4, 0o4000];
if (process.argv.includes("non-blocking")) {
  const fcntl = { args: ["int", "int", "int"], returns: "int" };
  dlopen("libc.so.6", { fcntl }).symbols.fcntl(1, F_SETFL, O_NONBLOCK);
}
const bytes = new Uint8Array(new Uint32Array(${Math.ceil(BYTES / 4)}).map((_, at) => at).buffer, 0, ${BYTES});
const stdout = new Stdout();
process.on("SIGTERM", () => process.exit(7));
setTimeout(() => process.exit(9), 20_000);
const main = async () => {
  for (let at = 0; at < bytes.length; ) {
    for (let burst = Math.random() * 20; burst > 0 && at < bytes.length; burst--) {
      const size = 1 + Math.floor(Math.random() * 65_536);
      stdout.write(bytes.subarray(at, at + size));
      at += size;
    }
    if (Math.random() < 0.5) await Bun.sleep(Math.random() * 5);
  }
  writeSync(2, "taken ");
  await stdout.flush(process.argv.includes("aborted") ? AbortSignal.timeout(300) : new AbortController().signal);
};
main().then(() => process.exit(0), (error) => { writeSync(2, String(error.code)); process.exit(1); });
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-stdout-"));
  writeFileSync(join(folder, "program.ts"), PROGRAM);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script of bash with the program as `"$@"`. */
async function bash(script: string): Promise<{ stdout: Buffer; stderr: string }> {
  const command = ["bash", "-c", script, "bash", process.execPath, join(folder, "program.ts")];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.bytes(), child.stderr.text(), child.exited]);
  return { stdout: Buffer.from(stdout), stderr };
}

const EXPECTED = Buffer.from(new Uint32Array(Math.ceil(BYTES / 4)).map((_, at) => at).buffer, 0, BYTES);
const ENDS = 'echo "${PIPESTATUS[0]}" >&2';

test.concurrent.each([1, 2, 3, 4])("every byte arrives once and in order at a reader that is slow (%p)", async () => {
  const { stdout, stderr } = await bash(`"$@" | { sleep 0.$((RANDOM % 4)); cat; }; ${ENDS}`);
  expect([stderr, stdout.equals(EXPECTED)]).toEqual(["taken 0\n", true]);
});

test.concurrent("a pipe that does not block is waited for", async () => {
  const { stdout, stderr } = await bash(`"$@" non-blocking | { sleep 0.3; cat; }; ${ENDS}`);
  expect([stderr, stdout.equals(EXPECTED)]).toEqual(["taken 0\n", true]);
});

test.concurrent("a reader that leaves is an error", async () => {
  const { stderr } = await bash(`"$@" | head -c 10 >/dev/null; ${ENDS}`);
  expect(stderr).toMatch(/^(taken )?EPIPE1\n$/);
});

test.concurrent("a reader that does not read keeps nobody from ending", async () => {
  const taken = join(folder, "taken");
  const waiting = `{ "$@" 2>${taken} & child=$!; until [ -s ${taken} ]; do sleep 0.05; done; sleep 0.2; kill $child; wait $child; echo $? >&2; }`;
  const { stderr } = await bash(`${waiting} | { until [ -s ${taken} ]; do sleep 0.05; done; sleep 2; }`);
  expect(stderr).toBe("7\n");
});

test.concurrent("an abort ends the wait for a reader", async () => {
  const script = `"$@" aborted | { sleep 3; }; ${ENDS}`;
  expect((await bash(script)).stderr).toMatch(/^taken \S*1\n$/);
});
