import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runsOf } from "../fault/chance.ts";
import { CONDITIONS } from "./conditions.ts";

const root = join(import.meta.dir, "../..");
const IS_WHOLE = runsOf(1, 0) > 0;
const ALL = readdirSync(join(root, "test/conformance")).filter((name) => name.endsWith(".test.ts"));
const FILES = IS_WHOLE ? ALL : ["is-running", "stop", "meta", "copy"].map((name) => `${name}.test.ts`);
/** In short: a start, an end, a look, something kept and something copied. */
const TITLES =
  "prints exactly true|makes is-running false at once|what set-meta was given|copy-to of a file makes exactly that file";
const CONCURRENCY = process.env["GC_TEST_CONCURRENCY"] ?? "8";
const TIMEOUT_MS = FILES.length * 300_000;

test.each(CONDITIONS)(
  "the conformance tests pass under $name",
  async ({ env, prepare }) => {
    const prepared = await prepare?.();
    try {
      const paths = FILES.map((name) => `./test/conformance/${name}`);
      const options = [
        "--timeout=120000",
        `--max-concurrency=${CONCURRENCY}`,
        "--dots",
        ...(IS_WHOLE ? [] : ["-t", TITLES]),
      ];
      const child = Bun.spawn([process.execPath, "test", ...options, ...paths], {
        cwd: root,
        env: { ...process.env, ...env, ...prepared?.env },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      const [output] = await Promise.all([child.stderr.text(), child.stdout.text(), child.exited]);
      expect(output).toMatch(/\n *[1-9]\d* pass\n(.* filtered out\n)? *0 fail\n/);
      expect(child.exitCode).toBe(0);
    } finally {
      prepared?.remove();
    }
  },
  TIMEOUT_MS,
);
