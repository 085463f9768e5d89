import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cityNames } from "./city-names.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-city-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function city(name: string, files: Record<string, string>): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".gc"), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

test("a city without a name is called as its directory, here and in the box", () => {
  expect(cityNames(city("blue", {}))).toEqual(["blue", "workspace"]);
});

test("the names of both files come first, each once", () => {
  const path = city("red", {
    "city.toml": '[workspace]\nname = "crimson"\n',
    ".gc/site.toml": 'workspace_name = "scarlet"\n',
  });
  expect(cityNames(path)).toEqual(["scarlet", "crimson", "red", "workspace"]);
});

test("what could name another file, or the server itself, is left out", () => {
  const path = city("default", { "city.toml": '[workspace]\nname = "../../etc/x"\n', ".gc/site.toml": "no toml" });
  expect(cityNames(path)).toEqual(["workspace"]);
});

test("no city, no names", () => {
  expect(cityNames("")).toEqual([]);
});
