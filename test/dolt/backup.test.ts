import { afterAll, beforeAll, expect, test } from "bun:test";
import { testNamespace } from "../conformance/namespace.ts";
import { clusterStatus } from "../support/cluster.ts";
import { doltUp, type TestDolt } from "../support/dolt.ts";

const namespace = testNamespace(["pod-security.kubernetes.io/enforce=restricted"]);
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
let dolt: TestDolt;

beforeAll(async () => {
  await namespace.create();
  dolt = doltUp(await clusterStatus(process.env["GC_TEST_CLUSTER"]), namespace.env()["GC_K8S_NAMESPACE"] ?? "");
  dolt.apply("dolt-backup.yaml");
}, 180_000);

afterAll(() => namespace.remove(), 60_000);

test("what is backed up comes back into an empty server: open, closed and ephemeral beads, and every database", () => {
  const kept = bead("create --title=kept --json");
  const closed = bead("create --title=closed --json");
  bd(`close --force ${closed}`);
  const ephemeral = bead("create --title=ephemeral --ephemeral --json");
  dolt.sql("create database `two-b`; use `two-b`; create table t (a int); insert into t values (7);");

  expect(backUp("first")).toEqual(["backed up one to", "backed up two-b to"]);
  const lost = bead("create --title=lost --json");
  namespace.kubectl("delete", "pvc/data-dolt-0", "pod/dolt-0", "--timeout=60s");
  namespace.kubectl("rollout", "status", "statefulset/dolt", "--timeout=60s");
  expect(databases()).toEqual(["information_schema", "mysql"]);

  expect(restore()).toEqual(["restored one from", "restored two-b from"]);
  expect(dolt.sql("select a from `two-b`.t")).toEqual([{ a: "7" }]);
  const all = JSON.parse(bd("list --json --limit 0 --all --include-infra")) as { id: string; status: string }[];
  expect(all.map(({ id, status }) => `${id} ${status}`).sort()).toEqual(
    [`${kept} open`, `${closed} closed`, `${ephemeral} open`].sort(),
  );
  expect(all.map(({ id }) => id)).not.toContain(lost);
  expect(bead("create --title=next --json")).toMatch(/^one-/);
}, 120_000);

test("a second backup of the day takes along what is new, and a restore replaces nothing that exists", () => {
  const late = bead("create --title=late --json");
  backUp("second");
  expect(() => restore()).toThrow("database 'one' already exists");
  dolt.sql("drop database one");
  expect(restore("one")).toEqual(["restored one from"]);
  expect(bd("list --json --limit 0 --all")).toContain(late);
}, 120_000);

test("a backup that cannot be made is a failed job, not an empty success", () => {
  namespace.kubectl("delete", "service", "dolt");
  namespace.kubectl("create", "job", "fails", "--from=cronjob/dolt-backup");
  const failed = "--for=jsonpath={.status.failed}=1";
  namespace.kubectl("wait", "job/fails", failed, "--timeout=60s");
  expect(namespace.kubectl("logs", "job/fails")).not.toContain("backed up");
}, 90_000);

/** Runs a backup and returns its lines without the day. */
function backUp(name: string): string[] {
  namespace.kubectl("create", "job", name, "--from=cronjob/dolt-backup");
  namespace.kubectl("wait", `job/${name}`, "--for=condition=Complete", "--timeout=60s");
  return withoutDay(namespace.kubectl("logs", `job/${name}`));
}

function restore(...names: string[]): string[] {
  const day = namespace.kubectl("exec", "dolt-0", "--", "sh", "-c", "ls -t /backups | head -n 1").trim();
  return withoutDay(namespace.kubectl("exec", "dolt-0", "--", "sh", "/etc/dolt/restore.sh", day, ...names));
}

function withoutDay(output: string): string[] {
  const lines = output.split("\n").filter((line) => /^(backed up|restored) /.test(line));
  return lines.map((line) => line.replace(new RegExp(` (${DAYS.join("|")})$`), ""));
}

function databases(): unknown[] {
  return dolt.sql("show databases").map(({ Database }) => Database);
}

/** Runs bd in the server's pod, whose image holds it. */
function bd(args: string): string {
  const script = `export HOME=/tmp BD_DISABLE_METRICS=1 BEADS_DOLT_AUTO_START=0 BEADS_DOLT_PASSWORD="$DOLT_CLI_PASSWORD" \
BEADS_DOLT_SERVER_HOST=127.0.0.1 BEADS_DOLT_SERVER_PORT=3307
mkdir -p /tmp/city && cd /tmp/city
if [ ! -d .beads ]; then bd init --server -p one --database one --skip-hooks --skip-agents --non-interactive -q >&2; fi
bd ${args}`;
  return namespace.kubectl("exec", "dolt-0", "--", "sh", "-c", script);
}

function bead(args: string): string {
  return (JSON.parse(bd(args)) as { id: string }).id;
}
