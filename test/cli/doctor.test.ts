import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { apiProxy } from "../events/api-proxy.ts";
import { command } from "../settings/command.ts";
import { clusterStatus } from "../support/cluster.ts";
import { brokenByApi } from "./broken-by-api.ts";
import { brokenByNamespace } from "./broken-by-namespace.ts";
import { brokenByPeople } from "./broken-by-people.ts";
import { brokenBySettings } from "./broken-by-settings.ts";
import type { BrokenCluster, Place } from "./broken-cluster.ts";
import { userKubeconfig } from "./user-kubeconfig.ts";

interface Finding {
  level: string;
  problem: string;
  fix: string;
}
interface Report {
  clean: boolean;
  checks: { check: string; findings: Finding[]; ms: number }[];
}

/** The doctor bounds itself to 20 s; a machine that is busy with other tests adds a little. */
const WITHIN_MS = 22_000;
const DEEP_WITHIN_MS = 70_000;
const TIMEOUT_MS = 90_000;

const healthy = testNamespace();
const others: TestNamespace[] = [];
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-doctor-"));
let place: Place;
/** What the doctor says of the city that is well. */
let well: Report;

beforeAll(async () => {
  await healthy.create();
  const cluster = await clusterStatus(process.env["GC_TEST_CLUSTER"]);
  // Where its Dolt is nobody has to say: it is that of the namespace.
  const env = { ...healthy.env(), GC_K8S_IMAGE: cluster.beadsImage };
  const fresh = async (labels?: string[]) => {
    const namespace = testNamespace(labels);
    await namespace.create();
    others.push(namespace);
    return {
      namespace,
      env: {
        GC_K8S_NAMESPACE: namespace.env()["GC_K8S_NAMESPACE"] ?? "",
        KUBECONFIG: namespace.env()["KUBECONFIG"] ?? "",
      },
    };
  };
  place = { cluster, healthy, env, scratch, fresh };
  const installed = await command(["install", "--dolt-image", cluster.beadsImage], env);
  expect(installed.exit).toBe(0);
  well = await examine(env);
}, 240_000);

afterAll(async () => {
  // One of them is gone already, as its case wants it.
  await Promise.allSettled([healthy, ...others].map((namespace) => namespace.remove()));
  rmSync(scratch, { recursive: true });
}, 60_000);

test("a city that is well is clean: nothing is broken, and everything was looked at", () => {
  const findings = well.checks.flatMap(({ check, findings }) => findings.map((finding) => ({ check, ...finding })));
  expect(findings.filter(({ level }) => level !== "warning")).toEqual([]);
  // This image holds no gc.
  expect(findings.map(({ problem }) => problem)).toEqual([expect.stringContaining("lacks gc")]);
  expect(well.clean).toBe(true);
  expect(well.checks.map(({ check }) => check)).toContain("dolt server");
});

test(
  "the controller's own account is clean, too, with the rights that install gives it",
  async () => {
    const report = await examine({ ...place.env, KUBECONFIG: userKubeconfig(healthy, "gc-controller", scratch) });
    expect(report.checks.flatMap(({ findings }) => findings).filter(({ level }) => level === "error")).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "with --deep a connection that is silent for half a minute is looked at",
  async () => {
    const report = await examine(place.env, ["--deep"], DEEP_WITHIN_MS);
    expect(report.checks.find(({ check }) => check === "exec idle")?.findings).toEqual([]);
    expect(report.clean).toBe(true);
  },
  TIMEOUT_MS,
);

test(
  "people get each finding with its fix, and exit code 1 when something is broken",
  async () => {
    const { exit, stdout, stderr } = await command(["doctor"], { ...place.env, GC_K8S_SERVICE_ACCOUNT: "absent" });
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: "" });
    expect(stdout).toMatch(
      /^error {4}pod: a session's pod would be refused: .*absent.*\n +→ create it or correct GC_K8S_SERVICE_ACCOUNT$/m,
    );
    expect(stdout).toContain("A city cannot work here yet.");
  },
  TIMEOUT_MS,
);

describe("a cluster that is broken in one way is told by that check, with a fix, in time", () => {
  const all = [...brokenBySettings, ...brokenByApi, ...brokenByNamespace];
  test("there are enough of them", () => expect(all.length + brokenByPeople.length).toBeGreaterThan(20));
  test.concurrent.each(titled(all))("%s", (_, broken) => isTold(broken), TIMEOUT_MS);
  test.serial.each(titled(brokenByPeople))("%s", (_, broken) => isTold(broken), 2 * TIMEOUT_MS);
});

async function isTold({ breakIt, finds, options = [] }: BrokenCluster): Promise<void> {
  const { env, answer, mend } = await breakIt(place);
  const proxy =
    answer &&
    apiProxy(place.env["KUBECONFIG"] ?? "", async (passing) => (await answer(passing)) ?? (await passing.forward()));
  try {
    const withinMs = options.includes("--deep") ? DEEP_WITHIN_MS : WITHIN_MS;
    const report = await examine({ ...place.env, ...env, ...proxy?.env }, options, withinMs);
    expect(found(report, finds)).toHaveLength(1);
    for (const { fix } of found(report, finds)) expect(fix).not.toBe("");
    if (finds.level === "error") expect(report.clean).toBe(false);
    // Else it would be no finding of this breakage.
    expect(found(well, finds)).toEqual([]);
  } finally {
    proxy?.close();
    await mend?.();
  }
}

function found({ checks }: Report, { check, level, says }: BrokenCluster["finds"]): Finding[] {
  const findings = checks.find((each) => each.check === check)?.findings ?? [];
  return findings.filter((finding) => finding.level === level && says.test(finding.problem)).slice(0, 1);
}

async function examine(env: Record<string, string>, options: string[] = [], withinMs = WITHIN_MS): Promise<Report> {
  const began = performance.now();
  const { exit, stdout, stderr } = await command(["doctor", "-o", "json", ...options], env);
  expect(performance.now() - began).toBeLessThan(withinMs);
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as Report;
  expect(exit).toBe(report.clean ? 0 : 1);
  return report;
}

function titled(table: BrokenCluster[]): [string, BrokenCluster][] {
  return table.map((each) => [each.title, each]);
}
