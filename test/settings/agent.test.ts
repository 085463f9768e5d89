import { afterAll, beforeAll, expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testNamespace } from "../conformance/namespace.ts";
import { executable } from "../conformance/provider.ts";

const namespace = testNamespace(["pod-security.kubernetes.io/enforce=restricted"]);
const SECRET = "s3cret-'\"$(x) `y` end";

/** What the agent writes down of itself, one line each. */
const LOOK = `
cat > look.txt <<END
key=$API_KEY
all=$FROM_ALL
token=$GITHUB_TOKEN
file=$(cat /etc/agent/key)
one=$(cat /etc/netrc)
user=$(id -u):$(id -g)
mail=$GC_MCP_MAIL_URL $GC_MCP_MAIL_PROJECT $GC_MAIL
sidecar=$(cat /shared/sidecar)
END
: >looked
sleep 300`;

/** An init container and a sidecar, and a directory that they share with the agent. */
const TEMPLATE = (image: string) => `
spec:
  volumes: [{ name: shared, emptyDir: {} }]
  initContainers:
    - name: sidecar
      image: ${image}
      restartPolicy: Always
      command: [sh, -c, "echo beside > /shared/sidecar; trap 'exit 0' TERM; sleep 300 & wait"]
      startupProbe: { exec: { command: [test, -e, /shared/sidecar] }, periodSeconds: 1 }
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
      volumeMounts: [{ name: shared, mountPath: /shared }]
  containers:
    - name: agent
      volumeMounts: [{ name: shared, mountPath: /shared }]
`;

const settings = {
  GC_K8S_RUN_AS_USER: "4711",
  GC_K8S_ENV_CREDENTIALS: '{"API_KEY":"keys/key"}',
  GC_K8S_ENV_FROM_CREDENTIALS: "all",
  GC_K8S_GIT_CREDENTIALS: "forge",
  GC_K8S_FILE_CREDENTIALS: '{"/etc/agent":"keys","/etc/netrc":"keys/netrc"}',
  GC_K8S_MCP_MAIL_HOST: "mail.test",
};

beforeAll(async () => {
  await namespace.create();
  const secret = (name: string, ...data: string[]) =>
    namespace.kubectl("create", "secret", "generic", name, ...data.map((each) => `--from-literal=${each}`));
  secret("keys", `key=${SECRET}`, "netrc=machine forge");
  secret("all", "FROM_ALL=every key");
  secret("forge", "token=t0ken");
}, 60_000);
afterAll(() => namespace.remove(), 60_000);

async function templateFile(): Promise<string> {
  const path = join(tmpdir(), `gc-k8s-template-${crypto.randomUUID()}.yaml`);
  await Bun.write(path, TEMPLATE(namespace.env()["GC_K8S_IMAGE"] ?? ""));
  return path;
}

/** Starts an agent under these settings and returns what it wrote down of itself. */
async function lookOf(name: string, env: Record<string, string>): Promise<string[]> {
  const call = executable({ ...namespace.env(), GC_K8S_POD_SECURITY: "restricted", ...env });
  const config = { command: LOOK, work_dir: "/city", env: { GC_CITY: "/city" } };
  const started = await call({ op: "start", args: [name], stdin: JSON.stringify(config) });
  expect(started).toMatchObject({ exit: 0, stderr: "" });
  const wait = "until [ -e looked ]; do sleep 0.1; done; cat look.txt";
  const { stdout } = await call({ op: "exec", args: [name], stdin: wait });
  expect(await call({ op: "is-running", args: [name] })).toMatchObject({ exit: 0, stdout: "true\n" });
  const pods = namespace.kubectl("get", "pods", "-o", "json");
  for (const text of ["s3cret", "t0ken", "every key", "machine forge"]) expect(pods).not.toContain(text);
  expect(await call({ op: "stop", args: [name] })).toMatchObject({ exit: 0 });
  return stdout.trimEnd().split("\n");
}

test("secrets, user, mail and sidecar reach the agent, and no secret is in the pod", async () => {
  const expected = [
    `key=${SECRET}`,
    "all=every key",
    "token=t0ken",
    `file=${SECRET}`,
    "one=machine forge",
    "user=4711:4711",
    "mail=http://mail.test:8765 /city exec:gc-mail-mcp-agent-mail",
    "sidecar=beside",
  ];
  const template = await templateFile();
  try {
    expect(await lookOf("a", { ...settings, GC_K8S_POD_TEMPLATE: template })).toEqual(expected);
  } finally {
    await Bun.file(template).delete();
  }
  // Without the settings not one line is the same, so each of them was due to its setting.
  const bare = await lookOf("bare", {});
  expect(bare).toHaveLength(expected.length);
  expect(bare.filter((line) => expected.includes(line))).toEqual([]);
}, 60_000);

test("a sidecar ends with its agent", async () => {
  const template = await templateFile();
  const call = executable({ ...namespace.env(), GC_K8S_POD_SECURITY: "restricted", GC_K8S_POD_TEMPLATE: template });
  try {
    expect(await call({ op: "start", args: ["b"], stdin: '{"command":"sleep 1; exit 3"}' })).toMatchObject({ exit: 0 });
    namespace.kubectl("wait", "pod", "-l", "gc-session=b", "--for=jsonpath={.status.phase}=Failed", "--timeout=45s");
    expect(await call({ op: "is-running", args: ["b"] })).toMatchObject({ exit: 0, stdout: "false\n" });
    expect(await call({ op: "stop", args: ["b"] })).toMatchObject({ exit: 0 });
  } finally {
    await Bun.file(template).delete();
  }
}, 60_000);
