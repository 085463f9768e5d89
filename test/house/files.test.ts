import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

const root = join(import.meta.dir, "../..");

/** Lines that one file may have: a file near it usually holds two things. */
const MOST_LINES = 250;

function files(pattern: string): { path: string; text: string }[] {
  const paths = [...new Bun.Glob(pattern).scanSync({ cwd: root })].filter((path) => !path.includes("node_modules"));
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

test("no source file is longer than 250 lines", () => {
  const long = files("{src,local-kubernetes,demo,test}/**/*.{ts,sh}").filter(
    ({ text }) => text.split("\n").length > MOST_LINES,
  );
  expect(long.map(({ path }) => path)).toEqual([]);
});

test("no file is named after nothing in particular", () => {
  const vague = files("{src,local-kubernetes,demo,test}/**/*.ts").filter(({ path }) =>
    /^(utils?|helpers?|common|misc|index|types)\.ts$/.test(basename(path)),
  );
  expect(vague.map(({ path }) => path)).toEqual([]);
});

test("environment variables and pod metadata are named in their tables only", () => {
  const owners = ["src/main.ts", "src/provider/access.ts", "src/pod/labels.ts", "src/pod/environment.ts"];
  const strays = files("src/**/*.ts").filter(
    ({ path, text }) =>
      !owners.includes(path) &&
      !path.endsWith(".test.ts") &&
      /"gc-(session|agent|city|start|launched|box)-?\w*":/.test(text),
  );
  expect(strays.map(({ path }) => path)).toEqual([]);
});

test("every setting that the code names is in the table", () => {
  const table = files("src/provider/setting-rows/*.ts")
    .map(({ text }) => text)
    .join("");
  const named = files("src/**/*.ts").flatMap(({ text }) => text.match(/\bGC_K8S_[A-Z_]*[A-Z]\b/g) ?? []);
  expect([...new Set(named)].filter((name) => !table.includes(`${name}:`))).toEqual([]);
});

test("exit codes are made in one place", () => {
  const sources = files("src/**/*.ts").filter(({ path }) => !path.endsWith(".test.ts"));
  const makers = sources.filter(({ text }) => /process\.(exit\(|exitCode)/.test(text));
  expect(makers.map(({ path }) => path).sort()).toEqual(["src/main.ts", "src/provider/run.ts"]);
});

test("standard output has one writer, because Bun's own can lose what a full pipe keeps waiting, or what comes right before the end", () => {
  const others = files("src/**/*.ts").filter(
    ({ path, text }) =>
      /std(out|err)\.writer\(|process\.std(out|err)\.write\(|Bun\.write\(Bun\.std/.test(text) &&
      !path.endsWith(".test.ts"),
  );
  expect(others.map(({ path }) => path)).toEqual([]);
});

test("the repository speaks of the project alone", () => {
  const foreign = files("**/*.{ts,mjs,sh,md,json,go,yaml,toml}").filter(
    ({ path, text }) =>
      /\/work\/(main|shared)|deb\.debian\.org|proxy\.golang\.org|registry\.npmjs/.test(text) &&
      !path.startsWith("test/house/"),
  );
  expect(foreign.map(({ path }) => path)).toEqual([]);
});

test("a plain npm ci leaves Bun where run.mjs and CONTRIBUTING.md look for it", () => {
  const npm = Bun.spawnSync(["npm", "config", "get", "ignore-scripts"], { cwd: root });
  expect(npm.stdout.toString().trim()).toBe("true");
});
