import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testNamespace } from "../conformance/namespace.ts";
import { refusedCases } from "./cases-refused.ts";
import { fieldCases } from "./cases-settings.ts";
import { refusedTemplates, templateCases } from "./cases-template.ts";
import { command, type Outcome } from "./command.ts";
import { fieldAt, type SettingCase } from "./setting-case.ts";

const namespaces = {
  none: testNamespace(),
  baseline: testNamespace(["pod-security.kubernetes.io/enforce=baseline"]),
  restricted: testNamespace(["pod-security.kubernetes.io/enforce=restricted"]),
};
let folder = "";
/** The answer to the same command without a single setting. */
let bare: Outcome;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-settings-"));
  for (const namespace of Object.values(namespaces)) await namespace.create();
  namespaces.none.kubectl("create", "serviceaccount", "agents");
  bare = await dryRun({ title: "bare" });
}, 60_000);
afterAll(async () => {
  for (const namespace of Object.values(namespaces)) await namespace.remove();
  rmSync(folder, { recursive: true });
}, 60_000);

test("the server takes the pod of no settings, so what follows is due to the settings", () => {
  expect({ exit: bare.exit, stderr: bare.stderr }).toEqual({ exit: 0, stderr: "" });
});

describe("the server's pod has exactly this field, and one without the settings has not", () => {
  test.concurrent.each(titled([...fieldCases, ...templateCases]))("%s", async (_, each) => {
    expectField(await dryRun(each), each);
    expect(() => expectField(bare, each)).toThrow();
  });
});

describe("refused in one line", () => {
  test.concurrent.each(titled([...refusedCases, ...refusedTemplates]))("%s", async (_, each) => {
    const { exit, stdout, stderr } = await dryRun(each);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain((each.refusal ?? "").replace('"TEMPLATE"', JSON.stringify(templatePath(each))));
    expect(stderr.trimEnd()).not.toContain("\n");
    expect(stderr).not.toContain("sk-Abc");
  });
});

test("nothing was created", () => {
  for (const { kubectl } of Object.values(namespaces)) expect(kubectl("get", "pods", "-o", "name")).toBe("");
});

function expectField({ exit, stdout, stderr }: Outcome, { field: [path, value] = [[], undefined] }: SettingCase): void {
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(fieldAt(JSON.parse(stdout), path)).toEqual(value);
}

async function dryRun(each: SettingCase): Promise<Outcome> {
  if (each.template !== undefined) writeFileSync(templatePath(each), each.template);
  const env = {
    ...namespaces[each.level ?? "none"].env(),
    ...(each.template !== undefined && { GC_K8S_POD_TEMPLATE: templatePath(each) }),
    ...each.env,
  };
  const start = JSON.stringify({ command: "true", env: each.start ?? {} });
  return await command(["pod", "probe", "--dry-run=server", "-o", "json", "--start", "-"], env, start);
}

function templatePath({ title }: SettingCase): string {
  return join(folder, `${title.replaceAll(/\W/g, "-")}.yaml`);
}

function titled(cases: SettingCase[]): [string, SettingCase][] {
  return cases.map((each) => [each.title, each]);
}
