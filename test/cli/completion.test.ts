import { afterAll, beforeAll, expect, test } from "bun:test";
import { dirname } from "node:path";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { command, commandPath } from "../settings/command.ts";
import { makeSessionObjects } from "./many-pods.ts";

const namespace: TestNamespace = testNamespace();
beforeAll(async () => {
  await namespace.create();
  await makeSessionObjects(namespace, 3);
  namespace.kubectl("annotate", "pod", "gc-many-002", "gc-session-name=two words", "--overwrite");
}, 60_000);
afterAll(() => namespace.remove(), 60_000);

/** What bash would put in the place of the last word. */
async function bash(line: string): Promise<string[]> {
  const script = `source <(gc-k8s completion bash)
COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_gc_k8s gc-k8s; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...namespace.env(), PATH: `${dirname(commandPath())}:${process.env["PATH"]}` };
  const { stdout } = await command(["-c", script], env, "", "bash");
  return stdout.trimEnd().split("\n");
}

test.each<[string, string[]]>([
  ["gc-k8s wh", ["why"]],
  ["gc-k8s -n elsewhere wh", ["why"]],
  ["gc-k8s --city test peek many", ["many-000", "many-001"]],
  ["gc-k8s --city other peek ''", [""]],
  ["gc-k8s --ci", ["--city"]],
  ["gc-k8s -n ''", [""]],
  ["gc-k8s peek ''", ["many-000", "many-001", "two\\ words"]],
  ["gc-k8s peek two", ["two\\ words"]],
  ["gc-k8s why --city test -o json many-000", ["many-000"]],
  ["gc-k8s why --city other ''", [""]],
  ["gc-k8s peek many-000 ''", [""]],
  ["gc-k8s status --wa", ["--watch"]],
  ["gc-k8s status -o ''", ["table", "wide", "json", "yaml"]],
  ["gc-k8s completion ''", ["bash", "zsh", "fish"]],
  ["gc-k8s beads ''", ["purge"]],
  ["gc-k8s nope ''", [""]],
])("bash completes %p", async (line, words) => {
  expect(await bash(line)).toEqual(words);
});

test.each(["zsh", "fish"])("%s gets a script that asks this program", async (shell) => {
  const { exit, stdout } = await command(["completion", shell], {});
  expect(exit).toBe(0);
  expect(stdout).toContain("__complete");
  const isThere = Bun.which(shell);
  // Where the shell is installed it has to read the script without a word.
  if (isThere) expect(await command(["-n", "-c", stdout], {}, "", isThere)).toMatchObject({ exit: 0, stderr: "" });
});

test("without a cluster there is nothing to complete, and nothing is said for long", async () => {
  const env = { ...namespace.env(), KUBECONFIG: `${import.meta.dir}/../conformance/unreachable.kubeconfig` };
  const began = performance.now();
  const { exit, stdout } = await command(["__complete", "peek", ""], env);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
  expect(performance.now() - began).toBeLessThan(6_000);
});

test("another shell has none", async () => {
  const { exit, stderr } = await command(["completion", "csh"], {});
  expect(exit).toBe(1);
  expect(stderr).toBe('completion: there is no completion for "csh": it can be bash, zsh, fish\n');
});
