import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { command, commandPath } from "../settings/command.ts";
import { clusterStatus } from "../support/cluster.ts";
import { blocksOf, ELSEWHERE } from "./docs-blocks.ts";

const PAGES = ["README.md", "docs/guide.md"];
const root = join(import.meta.dir, "../..");

const namespace: TestNamespace = testNamespace();
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-docs-"));
beforeAll(async () => {
  await namespace.create();
  const { kubectl } = await clusterStatus();
  writeFileSync(join(scratch, "kubectl"), `#!/bin/sh\nexec '${kubectl}' "$@"\n`, { mode: 0o755 });
}, 60_000);
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await namespace.remove();
}, 60_000);

/** What a page calls by an example's name, as it is called here. Dolt's image is not for every test cluster to pull. */
function here(text: string): string {
  const { GC_K8S_NAMESPACE = "", GC_K8S_IMAGE = "" } = namespace.env();
  return text
    .replaceAll("registry.example/agent:7", GC_K8S_IMAGE)
    .replaceAll("GC_K8S_NAMESPACE=gc", `GC_K8S_NAMESPACE=${GC_K8S_NAMESPACE}`)
    .replaceAll("kubectl -n gc ", `kubectl -n ${GC_K8S_NAMESPACE} `)
    .replace(/^gc-k8s install(?= *(#|$))/gm, "gc-k8s install --wait 0");
}

test.each(PAGES)(
  "%s: every block runs, one after another as a reader would run them",
  async (page) => {
    const blocks = blocksOf(page).filter(({ mark }) => mark === "");
    expect(blocks.length).toBeGreaterThan(0);
    const { GC_K8S_CITY: _, ...env } = namespace.env();
    const PATH = `${dirname(commandPath())}:${scratch}:${process.env["PATH"]}`;
    const script = blocks.map(({ line, text }) => `echo "== ${page}:${line}" >&2\n${here(text)}`).join("\n");
    // Each command counts, also one before a pipe.
    const shell = ["-c", `cd '${root}'\nset -euo pipefail\n${script}`];
    const { exit, stderr } = await command(shell, { ...env, PATH, HOME: scratch }, "", "bash");
    expect({ exit, stderr: exit === 0 ? "" : stderr }).toEqual({ exit: 0, stderr: "" });
  },
  120_000,
);

test.each(PAGES)("%s: a block that needs something else says what, and is good shell", async (page) => {
  for (const { line, mark, text } of blocksOf(page).filter((block) => block.mark !== "")) {
    expect({ line, mark: mark in ELSEWHERE ? "known" : mark }).toEqual({ line, mark: "known" });
    expect(await command(["-n", "-c", text], {}, "", "bash")).toEqual({ exit: 0, stdout: "", stderr: "" });
    for (const [, name = ""] of text.matchAll(/^gc-k8s (\w+)/gm))
      expect((await command([name, "--help"], {})).stdout).toStartWith(`Usage: gc-k8s ${name}`);
  }
});
