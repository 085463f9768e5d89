import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testNamespace } from "../conformance/namespace.ts";
import { eventsExecutable } from "./provider.ts";

interface CronJob {
  kind: string;
  spec: { jobTemplate: { spec: { template: { spec: { containers: { command: string[] }[] } } } } };
}

const MANIFEST = join(import.meta.dir, "../../deploy/events-prune.yaml");
const NAME = "gc-events-prune";

const namespace = testNamespace(["pod-security.kubernetes.io/enforce=restricted"]);
const scratch = mkdtempSync(join(tmpdir(), "prune-job-"));

beforeAll(async () => {
  await namespace.create();
  namespace.kubectl("apply", "-f", MANIFEST);
}, 60_000);
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await namespace.remove();
}, 60_000);

/** A kubeconfig of the job's service account. */
function ofServiceAccount(): string {
  const { KUBECONFIG = "" } = namespace.env();
  const config = Bun.YAML.parse(readFileSync(KUBECONFIG, "utf8")) as { users: { user: object }[] };
  const token = namespace.kubectl("create", "token", NAME).trim();
  for (const user of config.users) user.user = { token };
  const path = join(scratch, "kubeconfig");
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

test("the job's own words run with the rights of its manifest", async () => {
  const documents = readFileSync(MANIFEST, "utf8")
    .split(/^---$/m)
    .map((text) => Bun.YAML.parse(text) as CronJob);
  const job = documents.find(({ kind }) => kind === "CronJob");
  const [program, op = "", ...args] = job?.spec.jobTemplate.spec.template.spec.containers[0]?.command ?? [];
  expect(program).toBe("gc-events-k8s");
  const provider = eventsExecutable(namespace.env());
  await provider.call({ op: "record", args: [], stdin: '{"type":"a"}' });
  const env = { KUBECONFIG: ofServiceAccount() };
  expect(await provider.call({ op, args, env })).toMatchObject({ exit: 0, stdout: "Removed 0 events\n", stderr: "" });
  // It has no more than it needs.
  expect((await provider.call({ op: "record", args: [], stdin: '{"type":"a"}', env })).exit).toBe(1);
});

test("its pod passes the restricted level, and it may list and delete ConfigMaps, and nothing else", () => {
  const { GC_K8S_NAMESPACE: name } = namespace.env();
  const rights = namespace.kubectl("auth", "can-i", "--list", `--as=system:serviceaccount:${name}:${NAME}`);
  expect(rights).toMatch(/^configmaps +\[\] +\[\] +\[list delete\]$/m);
  expect(rights).not.toMatch(/^(pods|secrets|\*)/m);
  namespace.kubectl("create", "job", "now", `--from=cronjob/${NAME}`);
  const pods = () => namespace.kubectl("get", "pods", "-l", "job-name=now", "-o", "name");
  const end = performance.now() + 20_000;
  while (pods() === "" && performance.now() < end) Bun.sleepSync(100);
  expect(pods()).toContain("pod/now-");
}, 40_000);
