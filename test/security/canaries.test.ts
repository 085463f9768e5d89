import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "../conformance/broken-start.ts";
import { testNamespace } from "../conformance/namespace.ts";
import { type Call, executable } from "../conformance/provider.ts";
import { until } from "../conformance/until.ts";
import {
  apiObjects,
  containerLogs,
  formsOf,
  inFiles,
  inText,
  localCluster,
  ProcessLists,
  recordedArguments,
  recordingTemplate,
} from "./places.ts";
import { type Canaries, callsWith } from "./secret-calls.ts";

const namespace = testNamespace();
const cluster = localCluster();
const scratch = mkdtempSync(join(tmpdir(), "canaries-"));
const log = join(scratch, "operations.log");
const mark = crypto.randomUUID().slice(0, 8);

/** One secret for each way into a session, so that a hit names the way that leaks. */
const WAYS = ["env", "command", "nudge", "file", "pre-start", "setup", "setup-script", "text", "meta", "exec", "copy"];
const canaries = Object.fromEntries(WAYS.map((way) => [way, `canary-${way}-${mark}`])) as Canaries;
const all = Object.values(canaries);

const template = join(scratch, "recorders.yaml");

beforeAll(async () => {
  await namespace.create();
  writeFileSync(template, recordingTemplate(namespace.env()["GC_K8S_IMAGE"] ?? ""));
}, 60_000);
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await namespace.remove();
}, 60_000);

test("a secret on any way into a session stands nowhere outside its box", async () => {
  const work = join(scratch, "work");
  mkdirSync(work);
  for (const name of ["file", "copy", "setup-script"])
    writeFileSync(join(work, name), `: ${canaries[name as keyof Canaries]}\n`);
  const lists = new ProcessLists(cluster);
  const errors: string[] = [];
  for (const { call, exit } of callsWith(canaries, work)) {
    const outcome = await executable({ ...namespace.env(), GC_K8S_LOG: log, GC_K8S_POD_TEMPLATE: template })(call);
    expect([call.op, call.args, outcome.stderr, outcome.exit]).toEqual([call.op, call.args, outcome.stderr, exit]);
    errors.push(outcome.stderr);
  }
  const recorded = recordedArguments(namespace, podOf("secrets"));
  expect(recorded.split("\n").length).toBeGreaterThan(50);
  const processes = await lists.end();
  expect(lists.looks).toBeGreaterThan(50);
  const found: Record<string, string[]> = {
    "arguments of processes": inText(processes, all),
    "arguments of the box's programs": inText(recorded, all),
    "logs of containers": inFiles(containerLogs(cluster), all, scratch),
    "objects of the API": inText(apiObjects(namespace), all),
    "etcd's files": inFiles(join(cluster.directory, "var/lib/etcd"), all, scratch),
    "audit log and logs of the components": inFiles(cluster.logs, all, scratch),
    "operation log": inText(readFileSync(log, "utf8"), all),
    "standard error": inText(errors.join(""), all),
  };
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((place) => [place, []])));
}, 240_000);

test("what is kept as metadata stays in the box while the session lives; its end puts it into the pod's status", async () => {
  const secret = `canary-kept-${mark}`;
  const call = (call: Call) => executable(namespace.env())(call);
  await call({ op: "start", args: ["kept"], stdin: JSON.stringify({ command: "bash --norc -i" }) });
  await call({ op: "set-meta", args: ["kept", "key"], stdin: secret });
  expect(inText(apiObjects(namespace), [secret])).toEqual([]);
  await call({ op: "nudge", args: ["kept"], stdin: "exit 3" });
  await until(() => decodedMessages(apiObjects(namespace)).includes(secret), 20_000);
}, 60_000);

/** A text that is planted where a leak would put it has to be found, or the test above proves nothing. */
test("a text is found in each of these places when it is put there", async () => {
  const planted = (place: string) => `planted-${place}-${mark}`;
  const { kubectl } = namespace;
  const agent = JSON.stringify({ command: `/bin/true ${planted("instant")}; sleep 600` });
  await executable({ ...namespace.env(), GC_K8S_POD_TEMPLATE: template })({
    op: "start",
    args: ["plant"],
    stdin: agent,
  });
  const pod = `pod/${podOf("plant")}`;
  const lists = new ProcessLists(cluster);
  kubectl("annotate", pod, `plain=${planted("annotation")}`, `encoded=${btoa(`xy${planted("base64")}z`)}`);
  const program = ["sh", "-c", "sleep 0.5", planted("argument")];
  const { KUBECONFIG = "", GC_K8S_NAMESPACE = "" } = namespace.env();
  const place = ["--kubeconfig", KUBECONFIG, "-n", GC_K8S_NAMESPACE];
  await Bun.spawn([process.env["KUBECTL"] ?? "kubectl", ...place, "exec", pod, "--", ...program]).exited;
  const image = `localhost:1/${planted("log")}`;
  create(kubectl, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "plant" },
    spec: { containers: [{ name: "plant", image }] },
  });
  const named = planted("log");
  await executable({ ...namespace.env(), GC_K8S_LOG: log })({ op: "peek", args: [named] });
  const unreachable = { GC_K8S_CPU_REQUEST: planted("error") };
  const { stderr } = await executable({ ...namespace.env(), ...unreachable })({
    op: "start",
    args: ["x"],
    stdin: "{}",
  });

  expect(inText(await lists.end(), [planted("argument")])).toHaveLength(1);
  await until(() => inText(recordedArguments(namespace, pod), [planted("instant")]).length === 1, 10_000);
  const ending = JSON.stringify({ command: `sleep 1; echo ${planted("screen")}` });
  await executable(namespace.env())({ op: "start", args: ["ends"], stdin: ending });
  await until(() => inFiles(containerLogs(cluster), [planted("screen")], scratch).length === 1, 20_000);
  expect(inText(apiObjects(namespace), [planted("annotation"), planted("base64")])).toHaveLength(2);
  const etcd = join(cluster.directory, "var/lib/etcd");
  const stored = [planted("annotation"), planted("base64")];
  await until(() => inFiles(etcd, stored, scratch).length === 2, 10_000);
  await until(() => inFiles(cluster.logs, [planted("argument"), named], scratch).length === 2, 20_000);
  expect(inText(readFileSync(log, "utf8"), [named])).toHaveLength(1);
  expect(inText(stderr, [planted("error")])).toHaveLength(1);
}, 90_000);

test("every form of a text is looked for", () => {
  const text = `planted-${mark}`;
  for (const shift of ["", "x", "xy"])
    for (const rest of ["", "z", "zz"]) expect(inText(btoa(shift + text + rest), [text])).toHaveLength(1);
  expect(formsOf(text)).toHaveLength(4);
});

function podOf(session: string, path = ".metadata.name"): string {
  return namespace.kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", `jsonpath={.items[*]${path}}`);
}

function decodedMessages(json: string): string {
  const encoded = [...json.matchAll(/\\"metadata\\":\\"([A-Za-z0-9+/=]*)/g)].map(([, text = ""]) => text);
  return encoded.map((text) => Buffer.from(text, "base64").toString()).join("\n");
}
