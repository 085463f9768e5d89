import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentPodInput } from "./pod-input.ts";
import { readSettings } from "./settings.ts";
import { SETTINGS_FILE } from "./settings-file.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-input-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function input(env: Record<string, string>, toml = "") {
  writeFileSync(join(folder, SETTINGS_FILE), toml);
  const settings = readSettings(join(folder, "gc-session-k8s"), { GC_K8S_IMAGE: "image", ...env });
  return agentPodInput({ city: "blue", session: "mayor" }, {}, settings, { startId: "id", startSeconds: 1 });
}

function template(text: string): string {
  const path = join(folder, "pod.yaml");
  writeFileSync(path, text);
  return path;
}

test("none, and nothing, are the same to the pod", () => {
  const { resources, credentials, workspaceSize } = input({
    GC_K8S_CPU_LIMIT: "none",
    GC_K8S_GIT_CREDENTIALS: "none",
    GC_K8S_WORKSPACE_SIZE: "none",
  });
  expect([resources.cpuLimit, credentials.git, workspaceSize]).toEqual(["", "", ""]);
});

test("a claim is named after the session's pod", () => {
  expect(input({}).workspaceClaim).toBeUndefined();
  expect(input({ GC_K8S_WORKSPACE: "claim" }).workspaceClaim).toMatch(/^gc-mayor-[0-9a-f]{10}$/);
});

test("without an image there is no pod, but a template may bring it", () => {
  expect(() => input({ GC_K8S_IMAGE: "" })).toThrow("GC_K8S_IMAGE is required");
  const path = template("containers: [{ name: agent, image: theirs }]");
  expect(input({ GC_K8S_IMAGE: "", GC_K8S_POD_TEMPLATE: path }).image).toBe("");
});

test("a relative template starts at the settings file, and nowhere else", () => {
  template("agents: {}");
  expect(input({}, 'pod_template = "pod.yaml"').template).toHaveLength(1);
  expect(() => input({ GC_K8S_POD_TEMPLATE: "pod.yaml" })).toThrow(
    'Cannot use GC_K8S_POD_TEMPLATE="pod.yaml" (environment): must be an absolute path',
  );
});

test.each([
  ["metadata: { name: x }", "it changes what belongs to gc-k8s: metadata other than"],
  ["default: { hostPID: true }", "default: it changes what belongs to gc-k8s: spec.hostPID"],
  ["a: [", "it is no YAML: "],
  ["text", "it must be a YAML object"],
])("the template %p is refused with setting and origin", (text, problem) => {
  const path = template(text);
  expect(() => input({ GC_K8S_POD_TEMPLATE: path })).toThrow(
    `Cannot use GC_K8S_POD_TEMPLATE="${path}" (environment): ${problem}`,
  );
});

test("a template that is not there, or is none to read", () => {
  for (const [path, code] of [
    [join(folder, "none.yaml"), "ENOENT"],
    [folder, "EISDIR"],
  ])
    expect(() => input({ GC_K8S_POD_TEMPLATE: path ?? "" })).toThrow(`(environment): the file cannot be read: ${code}`);
});
