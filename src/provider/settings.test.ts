import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorLine } from "./errors.ts";
import type { SettingRow } from "./setting-row.ts";
import { keyOf, readSettings } from "./settings.ts";
import { SETTINGS_FILE } from "./settings-file.ts";
import { type SettingName, settingRows } from "./settings-table.ts";

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

test("the defaults are right, each by itself and together, when they are given", () => {
  const given = Object.entries(settingRows).map(([name, row]) => [name, row.default.replace("<namespace>", "gc")]);
  expect(refusal("", Object.fromEntries(given.filter(([, value]) => value !== "")) as Record<string, string>)).toBe("");
});

test("a setting that nobody gave is the empty text or its default, never undefined", () => {
  const settings = readSettings("/nowhere/gc-session-k8s", {});
  for (const name of Object.keys(settingRows) as SettingName[])
    expect(settings.describe(name)).toEqual({
      value: settingRows[name].default.replace("<namespace>", "gc"),
      origin: "default",
    });
});

test("each default passes its own check", () => {
  const settings = readSettings("/nowhere/gc-session-k8s", {});
  for (const [name, row] of Object.entries(settingRows) as [SettingName, SettingRow][])
    if (row.default) expect(row.check?.(settings.get(name))).toBeUndefined();
});

test("the city's own Dolt and mail are those of its namespace, wherever the namespace is said", () => {
  const host = "dolt.other.svc.cluster.local";
  expect(read("", { GC_K8S_NAMESPACE: "other" }).get("GC_K8S_DOLT_HOST")).toBe(host);
  expect(read('namespace = "other"').get("GC_K8S_MCP_MAIL_HOST")).toBe("mcp-mail.other.svc.cluster.local");
  const option = { GC_K8S_NAMESPACE: { value: "other", origin: "--namespace" } };
  expect(readSettings(calledAs, { GC_K8S_NAMESPACE: "env" }, option).get("GC_K8S_DOLT_HOST")).toBe(host);
  expect(readSettings("/nowhere/gc-k8s", {}).get("GC_K8S_DOLT_HOST")).toBe("dolt.gc.svc.cluster.local");
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
    ["GC_K8S_CPU_REQUEST", ["500m", "2", "0.5", "1e0", "1E-3", "1."], ["2 ", "two", "1MiB", "-1", ".", "1ee3"]],
    ["GC_K8S_MEM_LIMIT", ["4Gi", "1.5G", "2128974848", "2e9"], ["4gi", "4 Gi", "4GiB", "1Ki1"]],
    ["GC_K8S_CPU_LIMIT", ["none", "3"], ["None", "-"]],
    [
      "GC_K8S_NODE_SELECTOR",
      ["{}", '{"a":"b"}', '{"example.com/a_b.c":""}'],
      ["[]", "null", "x", "1", '"a"', "{", '{"a":1}', '{"a b":"c"}', '{"a/b/c":"d"}', '{"A.B/c":"d"}', '{"a":"b c"}'],
    ],
    ["GC_K8S_TOLERATIONS", ["[]", "[{}]", '[{"operator":"Exists"}]'], ["{}", "null", "x", "[1]", '[{"keys":"a"}]']],
    ["GC_K8S_AFFINITY", ["{}", "null", '{"nodeAffinity":{}}'], ["[]", "1", '{"node":{}}']],
    ["GC_K8S_LABELS", ['{"team":"blue"}'], ['{"gc-session":"x"}', '{"app":"x"}', '{"a":"-"}', "[]"]],
    ["GC_K8S_ANNOTATIONS", ['{"a/b":"any text: äöü"}'], ['{"gc-launched":"x"}', '{"a":1}', '{"a/":"x"}']],
    ["GC_K8S_RUN_AS_USER", ["1", "image", "2147483647"], ["-1", "root", "2147483648", "1.5"]],
    ["GC_K8S_NODE_LOSS_SECONDS", ["0", "30"], ["-1", "1e3", "86401", "30s"]],
    ["GC_K8S_MAX_PENDING", ["1", "10000"], ["0", "ten"]],
    ["GC_K8S_EVICTABLE", ["true", "false"], ["yes", "1"]],
    ["GC_K8S_WORKSPACE", ["ephemeral", "claim"], ["pvc"]],
    ["GC_K8S_WORKSPACE_SIZE", ["1Gi", "none"], ["big"]],
    ["GC_K8S_WORKSPACE_CLASS", ["fast.ssd"], ["Fast"]],
    ["GC_K8S_WORKSPACE_ACCESS_MODE", ["ReadWriteMany"], ["RWX"]],
    ["GC_K8S_IMAGE_PULL_CREDENTIALS", ["a,b", "a, b"], ["a,,b", "A"]],
    ["GC_K8S_CLAUDE_CREDENTIALS", ["none", "mine"], ["Mine"]],
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

test.each<[SettingName, string[], string[]]>([
  [
    "GC_K8S_ENV_CREDENTIALS",
    ['{"A_KEY":"name/key"}'],
    ['{"A":"sk-Secret"}', '{"sk-Secret":"a/b"}', "sk-Secret", '{"A":"a/sk-Secret/c"}'],
  ],
  ["GC_K8S_ENV_FROM_CREDENTIALS", ["a,b.c"], ["sk-Secret"]],
  [
    "GC_K8S_FILE_CREDENTIALS",
    ['{"/etc/a":"name","/home/b/.netrc":"name/key","/workspace/x":"a"}'],
    [
      '{"/a":"sk-Secret"}',
      ...["sk-Secret", "/a/", "/a:b", "/a/../b", "/run/gc", "/run/gc/x", "/workspace", "/"].map(
        (path) => `{"${path}":"a"}`,
      ),
    ],
  ],
])("a bad value of %s may be a secret by mistake, so it is not shown", (name, good, bad) => {
  for (const value of good) expect(read("", { [name]: value }).get(name)).toBe(value);
  for (const value of bad) {
    const line = refusal("", { [name]: value });
    expect(line).toStartWith(`Cannot use ${name} (environment): must be `);
    expect(line).not.toContain("sk-Secret");
  }
});

test.each<[Record<string, string>, string]>([
  [
    { GC_K8S_CPU_REQUEST: "3" },
    'Cannot use GC_K8S_CPU_REQUEST="3" (environment): it is more than GC_K8S_CPU_LIMIT="2" (default)',
  ],
  [
    { GC_K8S_CPU_LIMIT: "499m" },
    'Cannot use GC_K8S_CPU_REQUEST="500m" (default): it is more than GC_K8S_CPU_LIMIT="499m" (environment)',
  ],
  [{ GC_K8S_MEM_REQUEST: "4097Mi" }, "it is more than GC_K8S_MEM_LIMIT"],
  [{ GC_K8S_STORAGE_LIMIT: "1000M" }, "it is more than GC_K8S_STORAGE_LIMIT"],
  [{ GC_K8S_WORKSPACE: "claim", GC_K8S_PREBAKED: "true" }, "a claim would hide the image's workspace"],
  [{ GC_K8S_WORKSPACE: "claim", GC_K8S_WORKSPACE_SIZE: "none" }, "a claim needs a size"],
  [{ GC_K8S_POD_SECURITY: "restricted", GC_K8S_RUN_AS_USER: "0" }, "it forbids root"],
])("settings that contradict each other: %p", (env, problem) => {
  expect(refusal("", env)).toContain(problem);
});

test.each<Record<string, string>>([
  { GC_K8S_CPU_REQUEST: "3", GC_K8S_CPU_LIMIT: "none" },
  { GC_K8S_CPU_REQUEST: "2000m" },
  { GC_K8S_MEM_REQUEST: "4096Mi" },
  { GC_K8S_MEM_REQUEST: "4e9" },
  { GC_K8S_RUN_AS_USER: "0" },
])("settings that agree: %p", (env) => {
  expect(refusal("", env)).toBe("");
});

test("an option comes before the environment, and its origin is the option", () => {
  read('city = "file"');
  const settings = readSettings(calledAs, { GC_K8S_CITY: "env" }, { GC_K8S_CITY: { value: "o", origin: "--city" } });
  expect(settings.describe("GC_K8S_CITY")).toEqual({ value: "o", origin: "--city" });
});

test("half of an address is refused, wherever the other half might come from", () => {
  expect(refusal('dolt_host = "dolt.here"')).toBe(
    "requires both GC_K8S_DOLT_HOST and GC_K8S_DOLT_PORT when either is set",
  );
  expect(refusal("", { GC_K8S_DOLT_PORT: "3307" })).toContain("requires both");
  const both = read('dolt_host = "dolt.here"', { GC_K8S_DOLT_PORT: "3308" });
  expect([both.get("GC_K8S_DOLT_HOST"), both.get("GC_K8S_DOLT_PORT")]).toEqual(["dolt.here", "3308"]);
});
