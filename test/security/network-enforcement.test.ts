import { afterAll, beforeAll, expect, test } from "bun:test";
import { podName } from "../../src/pod/names.ts";
import { create } from "../conformance/broken-start.ts";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { executable } from "../conformance/provider.ts";
import { until } from "../conformance/until.ts";
import { nodeCommand } from "../support/cluster.ts";
import { manifestsOf } from "../support/manifests.ts";
import { answeringPod, answersTo, PORTS, type Target } from "./policy-pods.ts";

/** Pods that answer, by what they stand for, with the labels by which policies know them. */
const PODS: Record<string, Record<string, string>> = {
  names: { "k8s-app": "kube-dns" },
  dolt: { "app.kubernetes.io/name": "dolt" },
  mail: { app: "mcp-mail" },
  agent: { app: "gc-agent" },
  runner: { "gc/component": "beads-runner" },
  stranger: {},
};

/** What is outside the cluster. One pod plays all of it, because nothing outside is in reach. */
const OUTSIDE: Record<string, string> = {
  "public internet": "203.0.113.7",
  "private network 10/8": "10.0.0.9",
  "private network 172.16/12": "172.20.1.9",
  "private network 192.168/16": "192.168.1.9",
  "carrier's network": "100.64.0.9",
  "cloud's metadata": "169.254.169.254",
  "Azure's metadata": "168.63.129.16",
};

const NAMES = ["names TCP 53", "names UDP 53"];
/** What each may call once the policies hold, of everything that answers. */
const MAY_CALL: Record<string, string[]> = {
  session: [...NAMES, "dolt TCP 3307", "mail TCP 8765", "public internet TCP 443"],
  agent: [...NAMES, "dolt TCP 3307", "mail TCP 8765", "public internet TCP 443"],
  runner: [...NAMES, "dolt TCP 3307"],
  dolt: [],
  // No policy is about its calls, but those that it calls have theirs.
  stranger: ["names", "mail", ...Object.keys(OUTSIDE)].flatMap(portsOf),
  // Labelled as an agent, in another namespace.
  foreigner: ["names", "mail", "stranger", ...Object.keys(OUTSIDE)].flatMap(portsOf),
};

const namespace = testNamespace();
const elsewhere = testNamespace();
const system = (...args: string[]) => namespace.kubectl(...args, "--namespace=kube-system");
/** Where a pod is that has not its own name in the test's namespace. */
const PLACES: Record<string, { kubectl: TestNamespace["kubectl"]; pod: string }> = {
  // The cluster's own DNS is no pod, and only a pod of its namespace is taken for one.
  names: { kubectl: system, pod: `policy-test-${crypto.randomUUID().slice(0, 8)}` },
  session: { kubectl: namespace.kubectl, pod: podName({ city: "test", session: "held" }) },
  foreigner: { kubectl: elsewhere.kubectl, pod: "foreigner" },
};
const addresses: Record<string, string> = { ...OUTSIDE };

/** A pod that takes itself for the cluster's DNS, and routes of the node: nothing for a cluster that is somebody's. */
const isOurs = process.env["GC_TEST_KUBECONFIG"] === undefined;
const testOurs = test.skipIf(!isOurs);

beforeAll(async () => {
  if (!isOurs) return;
  await namespace.create();
  await elsewhere.create();
  const image = namespace.env()["GC_K8S_IMAGE"] ?? "";
  const make = (name: string, labels: Record<string, string>, ...own: string[]) =>
    create(placeOf(name).kubectl, answeringPod(placeOf(name).pod, image, labels, own));
  for (const [name, labels] of Object.entries(PODS)) make(name, labels);
  make("outside", {}, ...Object.values(OUTSIDE));
  make("foreigner", { app: "gc-agent" });
  const gc = executable(namespace.env());
  expect((await gc({ op: "start", args: ["held"], stdin: '{"command":"exec sleep 3600"}' })).exit).toBe(0);
  for (const name of [...Object.keys(PODS), "outside", "foreigner"]) waitFor(name);
  const route = await nodeCommand(["ip", "route", "get", addresses["outside"] ?? ""]);
  const device = /\bdev (\S+)/.exec(route)?.[1] ?? "";
  const routes = Object.values(OUTSIDE).map(
    (address) => `ip route replace ${address} via ${addresses["outside"]} dev ${device} onlink`,
  );
  await nodeCommand(["sh", "-ec", routes.join("\n")]);
}, 120_000);

afterAll(async () => {
  if (!isOurs) return;
  system("delete", "pod", placeOf("names").pod, "--wait=false", "--ignore-not-found");
  await elsewhere.remove();
  await namespace.remove();
}, 60_000);

testOurs(
  "before there are policies everybody reaches everything",
  () => {
    for (const caller of Object.keys(MAY_CALL))
      expect(reachedBy(caller)).toEqual(targetsOf(caller).map(([what]) => what));
  },
  60_000,
);

testOurs(
  "with them nobody reaches anything but what they name",
  async () => {
    const image = namespace.env()["GC_K8S_IMAGE"] ?? "";
    const policies = ["network.yaml", "dolt.yaml"].flatMap((file) => manifestsOf(file, image));
    create(namespace.kubectl, ...policies.filter(({ kind }) => kind === "NetworkPolicy"));
    await until(() => !reachedBy("agent").includes("stranger TCP 80"));
    for (const [caller, allowed] of Object.entries(MAY_CALL))
      expect([caller, reachedBy(caller).sort()]).toEqual([caller, allowed.toSorted()]);
  },
  60_000,
);

testOurs(
  "the kubelet's probe of a pod that is closed, and gc's way into a box, stay open",
  async () => {
    // Its probe has failed three times by then, if it fails.
    await Bun.sleep(4_000);
    namespace.kubectl("wait", "pod/agent", "pod/dolt", "--for=condition=Ready", "--timeout=1s");
    const calls = [
      { op: "is-running", args: ["held"] },
      { op: "exec", args: ["held"], stdin: "echo heard" },
      { op: "nudge", args: ["held"], stdin: "hello" },
      { op: "peek", args: ["held", "5"] },
    ];
    const gc = executable(namespace.env());
    for (const call of calls) expect([call.op, (await gc(call)).exit]).toEqual([call.op, 0]);
  },
  30_000,
);

testOurs.each([
  ["gc-agent", "/spec/egress/3/to/0/ipBlock/except", "session", "cloud's metadata TCP 443"],
  ["dolt", "/spec/ingress/0/from", "foreigner", "dolt TCP 3307"],
])(
  "a hole in policy %s is seen",
  async (policy, path, caller, what) => {
    const hole = JSON.stringify([{ op: "remove", path }]);
    namespace.kubectl("patch", "networkpolicy", policy, "--type=json", `--patch=${hole}`);
    await until(() => reachedBy(caller).includes(what));
  },
  30_000,
);

/** Everything that a caller may try, by what it is: others' ports and those outside. */
function targetsOf(caller: string): [what: string, target: Target][] {
  return [...Object.keys(PODS), ...Object.keys(OUTSIDE)].flatMap((name) =>
    // A pod always reaches itself.
    name === caller ? [] : portsOf(name).map((what): [string, Target] => [what, targetOf(what)]),
  );
}

function portsOf(name: string): string[] {
  return Object.entries(PORTS).flatMap(([protocol, ports]) => ports.map((port) => `${name} ${protocol} ${port}`));
}

function targetOf(what: string): Target {
  const [, name = "", protocol, port] = /^(.+) (TCP|UDP) (\d+)$/.exec(what) ?? [];
  return { protocol: protocol as Target["protocol"], address: addresses[name] ?? "", port: Number(port) };
}

/** What of everything answers a caller. */
function reachedBy(caller: string): string[] {
  const targets = targetsOf(caller);
  const answers = answersTo(
    placeOf(caller),
    targets.map(([, target]) => target),
  );
  return targets.filter((_, index) => answers[index]).map(([what]) => what);
}

function waitFor(name: string): void {
  const { kubectl, pod } = placeOf(name);
  kubectl("wait", "pod", pod, "--for=condition=Ready", "--timeout=60s");
  addresses[name] = kubectl("get", "pod", pod, "-o", "jsonpath={.status.podIP}");
}

function placeOf(name: string) {
  return PLACES[name] ?? { kubectl: namespace.kubectl, pod: name };
}
