import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorLine } from "./errors.ts";
import { keyOf, readSettings } from "./settings.ts";
import { SETTINGS_FILE } from "./settings-file.ts";
import { type SettingName, type SettingRow, settingRows } from "./settings-table.ts";

let folder = "";
let file = "";
let calledAs = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-settings-"));
  file = join(folder, SETTINGS_FILE);
  calledAs = join(folder, "gc-session-k8s");
  writeFileSync(calledAs, "", { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(toml: string, env: Record<string, string> = {}) {
  writeFileSync(file, toml);
  return readSettings(calledAs, env);
}

/** The one line that a person reads of a refusal. */
function refusal(toml: string, env: Record<string, string> = {}): string {
  try {
    read(toml, env);
  } catch (error) {
    return errorLine(error);
  }
  return "";
}

describe("environment, then file, then default", () => {
  const name = "GC_K8S_NAMESPACE";
  test.each<[string, Record<string, string>, string, () => string]>([
    ["", {}, "gc", () => "default"],
    ['namespace = "file"', {}, "file", () => file],
    ['namespace = "file"', { [name]: "env" }, "env", () => "environment"],
    ['namespace = "file"', { [name]: "" }, "file", () => file],
    ['namespace = ""', {}, "gc", () => "default"],
    ['namespace = "BAD"', { [name]: "env" }, "env", () => "environment"],
  ])("%p and %p", (toml, env, value, origin) => {
    const settings = read(toml, env);
    expect(settings.describe(name)).toEqual({ value, origin: origin() });
    expect(settings.get(name)).toBe(value);
  });
});

test("a setting that nobody gave is the empty text or its default, never undefined", () => {
  const settings = readSettings("/nowhere/gc-session-k8s", {});
  for (const name of Object.keys(settingRows) as SettingName[])
    expect(settings.describe(name)).toEqual({ value: settingRows[name].default, origin: "default" });
});

test("each default passes its own check", () => {
  for (const row of Object.values(settingRows) as SettingRow[])
    if (row.default) expect(row.check?.(row.default)).toBeUndefined();
});

test("the file is that of the name we were called by, links unresolved", () => {
  read('city = "here"');
  const linkFolder = join(folder, "other");
  mkdirSync(linkFolder);
  symlinkSync(calledAs, join(linkFolder, "gc-session-k8s"));
  writeFileSync(join(linkFolder, SETTINGS_FILE), 'city = "there"');
  expect(readSettings(join(linkFolder, "gc-session-k8s"), {}).get("GC_K8S_CITY")).toBe("there");
  expect(readSettings(calledAs, {}).get("GC_K8S_CITY")).toBe("here");
  expect(readSettings("gc-session-k8s", { PATH: `/nowhere:${linkFolder}` }).get("GC_K8S_CITY")).toBe("there");
  expect(readSettings("gc-session-k8s", { PATH: "/nowhere" }).get("GC_K8S_CITY")).toBe("default");
});

test.each<[string, SettingName, string]>([
  ["cpu_limit = 2", "GC_K8S_CPU_LIMIT", "2"],
  ["node_selector = { disk = 'ssd' }", "GC_K8S_NODE_SELECTOR", '{"disk":"ssd"}'],
  ["[node_selector]\ndisk = 'ssd'\n\"a/b\" = 'c'", "GC_K8S_NODE_SELECTOR", '{"disk":"ssd","a/b":"c"}'],
  ["[[tolerations]]\nkey = 'gpu'", "GC_K8S_TOLERATIONS", '[{"key":"gpu"}]'],
  ["tolerations = '[]'", "GC_K8S_TOLERATIONS", "[]"],
  ["city = 'Größe \"1\"'", "GC_K8S_CITY", 'Größe "1"'],
])("the TOML %p is %s=%s", (toml, name, value) => {
  expect(read(toml).get(name)).toBe(value);
});

describe("what the file may not hold", () => {
  test.each(["no_such = 1", "CITY = 'x'", "City = 'x'", "gc_k8s_city = 'x'", "constructor = 1"])(
    "the key of %s",
    (toml) => {
      const key = toml.split(" ")[0] ?? "";
      expect(refusal(toml)).toBe(`Cannot use the settings file "${file}": "${key}" is no setting`);
    },
  );

  test.each(["city = ", "= 1", "city = 'a'\ncity = 'b'", "[city", "\0"])("the text %p", (toml) => {
    const line = refusal(toml);
    expect(line).toStartWith(`Cannot read the settings file "${file}": it is no TOML: `);
    expect(line).not.toContain("\n");
  });

  test("it must be readable", () => {
    rmSync(file);
    mkdirSync(file);
    expect(() => readSettings(calledAs, {})).toThrow(`Cannot read the settings file "${file}": EISDIR`);
    rmSync(file, { recursive: true });
  });
});

describe("a bad value is refused with its name and origin", () => {
  const long = "x".repeat(254);
  test.each<[SettingName, string[], string[]]>([
    ["GC_K8S_NAMESPACE", ["a", "gc-1", "x".repeat(63)], ["A", "-a", "a-", "a.b", "a b", "x".repeat(64), "a\n"]],
    ["GC_K8S_CITY", ["a", "Größe 1", "x".repeat(200)], ["x".repeat(201), "a\nb", "a\0b", "\u0085"]],
    ["GC_K8S_IMAGE_PULL_POLICY", ["Always", "Never"], ["always", "Sometimes"]],
    ["GC_K8S_SERVICE_ACCOUNT", ["a.b-c", "default"], ["A", "a..b", long, "a_b"]],
    ["GC_K8S_PRIORITY_CLASS_NAME", ["system-node-critical"], ["x y"]],
    ["GC_K8S_CPU_REQUEST", ["500m", "2", "0.5", "1e3", "1E-3", "1."], ["2 ", "two", "1MiB", "-1", ".", "1ee3"]],
    ["GC_K8S_MEM_LIMIT", ["4Gi", "1.5G", "128974848", "100u"], ["4gi", "4 Gi", "4GiB", "1Ki1"]],
    ["GC_K8S_NODE_SELECTOR", ["{}", '{"a":"b"}'], ["[]", "null", "x", "1", '"a"', "{"]],
    ["GC_K8S_TOLERATIONS", ["[]", "[{}]"], ["{}", "null", "x"]],
    ["GC_K8S_AFFINITY", ["{}", "null"], ["[]", "1"]],
    ["GC_K8S_POD_SECURITY", ["default", "restricted", "unconfined"], ["Restricted", "none"]],
  ])("%s", (name, good, bad) => {
    for (const value of good) expect(read("", { [name]: value }).get(name)).toBe(value);
    for (const value of bad) {
      const line = refusal("", { [name]: value });
      expect(line).toStartWith(`Cannot use ${name}=`);
      expect(line).toMatch(/" \(environment\): must be /);
    }
    const inFile = refusal(`${keyOf(name)} = ${JSON.stringify(bad[0])}`);
    expect(inFile).toStartWith(`Cannot use ${name}=`);
    expect(inFile).toContain(`(${file}): must be `);
  });
});

test("half of an address is refused, wherever the other half might come from", () => {
  expect(refusal('dolt_host = "dolt.here"')).toBe(
    "requires both GC_K8S_DOLT_HOST and GC_K8S_DOLT_PORT when either is set",
  );
  expect(refusal("", { GC_K8S_DOLT_PORT: "3307" })).toContain("requires both");
  const both = read('dolt_host = "dolt.here"', { GC_K8S_DOLT_PORT: "3308" });
  expect([both.get("GC_K8S_DOLT_HOST"), both.get("GC_K8S_DOLT_PORT")]).toEqual(["dolt.here", "3308"]);
});
