import { expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestNamespace, testNamespace } from "./namespace.ts";
import type { Call } from "./provider.ts";
import type { Gc, Rule } from "./rules.ts";
import { until } from "./until.ts";

/** A start that cannot succeed, and the whole line that it must end with after `start: Cannot start session "x": `. */
export interface BrokenStart {
  what: string;
  env?: Call["env"];
  config?: object;
  /** Makes what the start runs into, in a namespace of the row's own; the start gets the environment that it returns. */
  prepare?: (namespace: TestNamespace) => Promise<Call["env"]> | Call["env"];
  /** Takes away what the namespace's removal does not. */
  tidy?: (namespace: TestNamespace) => void;
  says: RegExp;
}

/** How every line ends whose cause is known. */
export const RETRY = "a retry can succeed";
/** How it ends when somebody has to do something first. */
export const NO_RETRY = "retrying does not help";

/** Starts what cannot start, all at once: exit 1, one line with the reason and the fix, in time, and nothing left behind. */
export async function failClearly(gc: Gc, rows: BrokenStart[]): Promise<void> {
  const prepared: { row: BrokenStart; env: Call["env"]; namespace?: TestNamespace }[] = [];
  try {
    for (const row of rows) prepared.push(await prepare(row));
    // A row that fails must not end the others half-way.
    const outcomes = await Promise.allSettled(
      prepared.map(({ row, env, namespace }) => failsClearly(gc, row, env, namespace?.kubectl ?? gc.kubectl)),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  } finally {
    for (const { row, namespace } of prepared) {
      if (!namespace) continue;
      row.tidy?.(namespace);
      await namespace.remove();
    }
  }
}

async function prepare(row: BrokenStart): Promise<{ row: BrokenStart; env: Call["env"]; namespace?: TestNamespace }> {
  if (!row.prepare) return { row, env: row.env ?? {} };
  const namespace = testNamespace();
  await namespace.create();
  const env = { ...row.env, GC_K8S_NAMESPACE: namespace.env()["GC_K8S_NAMESPACE"], ...(await row.prepare(namespace)) };
  return { row, env, namespace };
}

async function failsClearly(
  { call, name }: Gc,
  { what, config = {}, says }: BrokenStart,
  env: Call["env"],
  kubectl: Gc["kubectl"],
): Promise<void> {
  const session = name();
  const { exit, stderr, ms } = await call("start", [session], JSON.stringify(config), env);
  const begin = `start: Cannot start session "${session}": `;
  expect({ what, exit, begin: stderr.slice(0, begin.length) }).toEqual({ what, exit: 1, begin });
  const rest = stderr.slice(begin.length).replaceAll(/gc-t[-0-9]+-[0-9a-f]{10}/g, "POD");
  expect(rest).toMatch(new RegExp(`^${says.source}\n$`));
  expect(rest).not.toMatch(/already exists|not found|not running/i);
  expect({ what, isInTime: ms < 10_000 }).toEqual({ what, isInTime: true });
  await until(() => kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name") === "");
}

/** Breaks the rule: the start fails, and nobody can tell why. */
export const vague: Rule["broken"] = (real) => async (call) => {
  const outcome = await real(call);
  return call.op === "start" && outcome.exit === 1 ? { ...outcome, stderr: "start: it failed\n" } : outcome;
};

/** Creates an object, or several, by kubectl. */
export function create(kubectl: Gc["kubectl"], ...objects: object[]): void {
  const directory = mkdtempSync(join(tmpdir(), "objects-"));
  try {
    const file = join(directory, "list.json");
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    kubectl("create", "-f", file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
