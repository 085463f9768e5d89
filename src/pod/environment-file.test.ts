import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boxEnvironment, type Env, environmentFile, shellQuote } from "./environment.ts";

/** Shells that /bin/sh of an image may be. */
const SHELLS = ["/bin/sh", "bash", "bash --posix", "dash", "busybox sh"].filter(
  (shell) => Bun.which(shell.split(" ")[0] ?? "") !== null,
);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-env-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The environment after a shell that had none has sourced the file, as the kernel holds it. */
function sourced(shell: string, env: Env): Map<string, string> {
  const file = join(folder, "env");
  writeFileSync(file, environmentFile(env));
  const [program = "", ...options] = shell.split(" ");
  const run = Bun.spawnSync(
    [Bun.which(program) ?? program, ...options, "-c", `. '${file}' && exec ${Bun.which("env")} -0`],
    { env: {} },
  );
  expect(run.stderr.toString()).toBe("");
  expect(run.exitCode).toBe(0);
  const pairs = run.stdout.toString().split("\0").slice(0, -1);
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

const everyAscii = String.fromCharCode(...Array.from({ length: 127 }, (_, index) => index + 1));
const everyByteOfUtf8 = Array.from({ length: 0x800 }, (_, index) => String.fromCodePoint(index + 0x80)).join("");

const VALUES: Record<string, string> = {
  EMPTY: "",
  EVERY_ASCII: everyAscii,
  EVERY_TWO_BYTES: everyByteOfUtf8,
  // Lead bytes of three and four, and every continuation byte: dash marks its own tokens with 0x81 to 0x88.
  WIDE: "日本語 😀 \u{10ffff} \ufffd \ud7ff",
  TRAILING_NEWLINES: "x\n\n\n",
  ONLY_NEWLINE: "\n",
  CARRIAGE: "a\r\nb\r",
  QUOTES: `'"'"''\\'\\\\`,
  SUBSTITUTION: `$(echo 1) \`echo 2\` \${HOME} $HOME $((1+1)) !! ~ * ? [a]`,
  LINE_LIKE: "x\nexport INJECTED='1'\n",
  QUOTED_LINE: "x'\nexport INJECTED='1",
  COMMENT: "# no comment",
  DASH: "-n",
  BACKSLASH_END: "x\\",
  TAB: "\t \t",
  LARGE: "é'".repeat(20_000),
};

describe.each(SHELLS)("%s sources the environment file", (shell) => {
  test("every value comes out as it went in", () => {
    const seen = sourced(shell, VALUES);
    for (const [name, value] of Object.entries(VALUES)) expect([name, seen.get(name)]).toEqual([name, value]);
    expect(seen.has("INJECTED")).toBe(false);
  });

  test("no variable of the shell itself keeps it from reading the rest", () => {
    const { stdout } = Bun.spawnSync(["bash", "--posix", "-c", "compgen -v"], { env: {} });
    const names = stdout.toString().trim().split("\n");
    expect(names).toContain("UID");
    const env = { ...Object.fromEntries(names.map((name) => [name, "x y"])), LAST: "1" };
    const projected = boxEnvironment(env, { session: "mayor", city: "", workDir: "" }, { host: "", port: "" });
    expect(sourced(shell, projected).get("LAST")).toBe("1");
  });

  test("each name that is allowed is set", () => {
    const env = { _: "never kept by a shell", _A: "1", a1_: "2", Z: "3" };
    const seen = sourced(shell, env);
    expect([seen.get("_A"), seen.get("a1_"), seen.get("Z")]).toEqual(["1", "2", "3"]);
  });
});

test("an empty environment is an empty file", () => {
  expect(environmentFile({})).toBe("");
});

test.each([
  ["", "''"],
  ["plain", "'plain'"],
  ["it's", `'it'\\''s'`],
  ["'", `''\\'''`],
])("the shell word of %p is %s", (text, word) => {
  expect(shellQuote(text)).toBe(word);
});
