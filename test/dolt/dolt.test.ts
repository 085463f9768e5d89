import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testNamespace } from "../conformance/namespace.ts";
import { clusterStatus } from "../support/cluster.ts";
import { doltUp, type TestDolt } from "../support/dolt.ts";
import { manifestsOf } from "../support/manifests.ts";

const deploy = join(import.meta.dir, "../../deploy");
const namespace = testNamespace(["pod-security.kubernetes.io/enforce=restricted"]);
const scratch = mkdtempSync(join(tmpdir(), "gc-dolt-"));
let dolt: TestDolt;

beforeAll(async () => {
  await namespace.create();
  const cluster = await clusterStatus(process.env["GC_TEST_CLUSTER"]);
  dolt = doltUp(cluster, namespace.env()["GC_K8S_NAMESPACE"] ?? "");
  const run = [
    "run",
    "client",
    // The policy of Dolt lets in whom it knows.
    "--labels=app=gc-agent",
    `--image=${cluster.beadsImage}`,
    "--override-type=strategic",
    `--overrides=${JSON.stringify(clientPod())}`,
  ];
  namespace.kubectl(...run, "--", "sleep", "600");
  namespace.kubectl("wait", "pod/client", "--for=condition=Ready", "--timeout=60s");
}, 180_000);

afterAll(() => {
  namespace.remove();
  rmSync(scratch, { recursive: true });
}, 60_000);

test("neither probes nor clients leave processes behind", async () => {
  const zombies = "grep -l '^State:[[:space:]]*Z' /proc/[0-9]*/status || :";
  for (let client = 0; client < 3; client++) dolt.sql("select 1;");
  await Bun.sleep(1_000);
  expect(namespace.kubectl("exec", "dolt-0", "--", "sh", "-c", zombies)).toBe("");
});

test.each(["dolt.yaml", "dolt-backup.yaml"])("%s says to kubectl what it says to these tests", (file) => {
  const read = namespace.kubectl("create", "--dry-run=client", "-o", "json", "-f", join(deploy, file));
  const objects = JSON.parse(`[${read.replaceAll(/^\}\n\{/gm, "},{")}]`) as { kind: string; items?: object[] }[];
  const items = objects.flatMap((object) => object.items ?? [object]);
  expect(items).toMatchObject(manifestsOf(file, "dolthub/dolt:2.2.0"));
});

test("a pod reaches it by the service's name, with the password and not without", () => {
  expect(ask("--no-tls", dolt.password)).toContain("root@%");
  for (const password of ["", "wrong"]) expect(() => ask("--no-tls", password)).toThrow("Access denied");
});

test("the password is in the Secret and nowhere else that the API or a list of processes shows", () => {
  const kinds = "pods,statefulsets,configmaps,services,events,persistentvolumeclaims,controllerrevisions";
  expect(namespace.kubectl("get", kinds, "-o", "yaml")).not.toContain(dolt.password);
  expect(namespace.kubectl("exec", "dolt-0", "--", "ps", "-eo", "args")).not.toContain(dolt.password);
  expect(namespace.kubectl("logs", "dolt-0")).not.toContain(dolt.password);
  expect(namespace.kubectl("get", "secret", "dolt", "-o", "jsonpath={.data.password}")).toBe(btoa(dolt.password));
});

test("what was committed is there after crashes", async () => {
  dolt.sql("create database crash; use crash; create table t (a int primary key)");
  for (let value = 1; value <= 3; value++) {
    dolt.sql(`insert into crash.t values (${value})`);
    await dolt.kill();
    await dolt.waitUntilReady();
  }
  expect(dolt.sql("select count(*) as n from crash.t")).toEqual([{ n: "3" }]);
}, 90_000);

test("a server that accepts connections but answers no question is not ready", () => {
  const isReady = (state: string) =>
    namespace.kubectl("wait", "pod/dolt-0", `--for=condition=Ready=${state}`, "--timeout=60s");
  isReady("true");
  dolt.sql("alter user root identified by 'another'");
  isReady("false");
  const client = ["dolt", "--host=127.0.0.1", "--port=3307", "--no-tls", "sql"];
  const statement = `--query=alter user root identified by '${dolt.password}'`;
  namespace.kubectl("exec", "dolt-0", "--", "env", "DOLT_CLI_PASSWORD=another", ...client, statement);
  isReady("true");
}, 150_000);

test("with a certificate it offers TLS that a client can verify; without one it has none", () => {
  expect(() => ask("", dolt.password)).toThrow("TLS requested but server does not support TLS");
  const names = `subjectAltName=DNS:${dolt.host}`;
  const files = ["-keyout", join(scratch, "tls.key"), "-out", join(scratch, "tls.crt")];
  const subject = ["-subj", "/CN=dolt", "-addext", names, "-days", "1"];
  const made = Bun.spawnSync(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files]);
  expect(made.exitCode).toBe(0);
  const [key, cert] = [`--key=${join(scratch, "tls.key")}`, `--cert=${join(scratch, "tls.crt")}`];
  namespace.kubectl("create", "secret", "tls", "dolt-tls", key, cert);
  namespace.kubectl("rollout", "restart", "statefulset/dolt");
  namespace.kubectl("rollout", "status", "statefulset/dolt", "--timeout=60s");
  namespace.kubectl("cp", join(scratch, "tls.crt"), "client:/tmp/ca.crt");
  expect(ask("", dolt.password, "SSL_CERT_FILE=/tmp/ca.crt")).toContain("root@%");
  expect(() => ask("", dolt.password)).toThrow("certificate signed by unknown authority");
  expect(ask("--no-tls", dolt.password)).toContain("root@%");
}, 90_000);

/** Who the server takes a client in another pod for. */
function ask(tls: string, password: string, ...environment: string[]): string {
  const env = ["env", "HOME=/tmp", "DOLT_CLI_USER=root", `DOLT_CLI_PASSWORD=${password}`, ...environment];
  const client = ["dolt", `--host=${dolt.host}`, "--port=3307", ...(tls ? [tls] : []), "sql"];
  return namespace.kubectl("exec", "client", "--", ...env, ...client, "--query=select current_user() as who");
}

function clientPod(): object {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  return {
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "client", securityContext, resources: { requests: { cpu: "10m", memory: "32Mi" } } }],
    },
  };
}
