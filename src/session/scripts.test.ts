import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folders = [import.meta.dir, join(import.meta.dir, "../pod")];
const scripts = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".sh"))
    .map((name) => ({ name, path: join(folder, name) })),
);
/** Scripts that run behind the preamble, which sets what they read. */
const FRAGMENTS = ["exec.sh", "nudge.sh"];
const SHELLS = ["dash", "bash", "busybox"].filter((shell) => Bun.which(shell) !== null);

function text({ name, path }: { name: string; path: string }): string {
  const preamble = FRAGMENTS.includes(name) ? readFileSync(join(import.meta.dir, "box-preamble.sh"), "utf8") : "";
  return preamble + readFileSync(path, "utf8");
}

test("the scripts of a box are here", () => {
  const names = scripts.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["agent.sh", "box-preamble.sh", "box.sh", "launch.sh", "nudge.sh"]));
  expect(SHELLS).not.toEqual([]);
});

describe.each(scripts)("$name", (script) => {
  test.each(SHELLS)("is read by %s without a complaint", (shell) => {
    const applet = shell === "busybox" ? ["sh"] : [];
    const run = Bun.spawnSync([shell, ...applet, "-n"], { stdin: Buffer.from(text(script)) });
    expect([run.exitCode, run.stderr.toString()]).toEqual([0, ""]);
  });

  test("tells no tmux target by a prefix of its name", () => {
    const targets = text(script).match(/-t (?:"[^"]*"|\S+)/g) ?? [];
    expect(targets.filter((target) => !/^-t ("?\$pane"?|=main:?|-t|[0-9.]+)$/.test(target))).toEqual([]);
  });
});

describe("every module that takes a script has its text, not its path", () => {
  test.each(["../pod/box.ts", "box-script.ts", "launch.ts", "session-files.ts", "attach.ts", "exec.ts", "nudge.ts"])(
    "%s",
    (name) => {
      const source = readFileSync(join(import.meta.dir, name), "utf8");
      const imports = source.match(/^import .*\.sh".*$/gm) ?? [];
      expect(imports).not.toEqual([]);
      for (const line of imports) expect(line).toEndWith('.sh" with { type: "text" };');
    },
  );
});
