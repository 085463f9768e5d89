import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { access } from "../../src/provider/access.ts";
import { type AccessRule, type Right, rightName, rightsOf } from "../../src/provider/access-rule.ts";
import type { TestNamespace } from "../conformance/namespace.ts";
import type { Call, Provider } from "../conformance/provider.ts";
import { inParallel } from "../fault/chance.ts";
import { type Callers, callersIn } from "./caller.ts";

/** Something that an operation can meet, and what it then comes to as long as its rights suffice. */
export interface Circumstance {
  op: string;
  /** For titles; "" = as it usually is. */
  when: string;
  /** Makes what the call meets; returns the rest of the call. */
  call: (scene: Scene) => Promise<Omit<Call, "op">> | Omit<Call, "op">;
  /** Rights whose lack it shows: it is the first to be tried for them. */
  shows?: string[];
  /** Exit code, 0 unless it is given. */
  exit?: number;
  /** What standard error and operation log then say. */
  tells?: RegExp;
  /** Exit code for the lack of a right, 1 unless it is given. */
  exitWithout?: number;
  /** It is met only by calls that lack a right: with all of them it takes too long, and other tests show it. */
  isOnlyRefused?: boolean;
  /** A right that is lacking only leaves less to tell. */
  isLessWithout?: boolean;
}

/** Where a call is made. */
export interface Scene {
  /** A name that no other call uses. */
  name: string;
  /** The test's own environment and provider, which may do everything. */
  env: Record<string, string>;
  real: Provider;
  /** Kubeconfig of the caller whose rights are tried; the call gets it anyway. */
  kubeconfig: string;
  kubectl: TestNamespace["kubectl"];
}

/** What the tests of one program stand on. */
export interface RightsGround {
  program: string;
  circumstances: Circumstance[];
  /** Calls change what others meet, so there is one at a time. */
  isSerial?: boolean;
  /** Operations that tests of their own show. */
  apart?: string[];
  /** Rights that nothing here shows to be needed, with the reason why they are granted. */
  unshown?: Record<string, string>;
  kubectl: TestNamespace["kubectl"];
  /** Makes what all circumstances share. */
  create: () => Promise<void>;
  remove: () => Promise<void> | void;
  /** Environment of the test's own calls. */
  env: () => Record<string, string>;
  /** The executable in an environment. */
  provider: (env: Record<string, string>) => Provider;
}

/** What came of one call: `told` is standard error and operation log. */
interface Seen {
  exit: number;
  stderr: string;
  told: string;
}

/** Roles without events are so usual that nothing is said of it. */
const UNNAMED = "list events";
const LACK = /cannot \w+ resource/;

/** Registers what proves that the rights of the program's operations in `access` are enough and that each is needed.
 * RBAC only ever adds: an operation that does all it does with its own rights does not fail for the lack of any other, so
 * what fails without a right are exactly the operations that have it. */
export function rightsTests(ground: RightsGround): void {
  const { program, circumstances, apart = [], unshown = {}, isSerial = false } = ground;
  const run = isSerial ? test.serial : test.concurrent;
  const operations = access[program] ?? {};
  const rights = rightsOf(Object.values(operations).flat());
  const scratch = mkdtempSync(join(tmpdir(), "rights-"));
  let callers: Callers;
  let calls = 0;
  beforeAll(async () => {
    await ground.create();
    callers = callersIn(ground);
  }, 180_000);
  afterAll(async () => {
    callers.remove();
    rmSync(scratch, { recursive: true });
    await ground.remove();
  }, 60_000);

  async function see(circumstance: Circumstance, kubeconfig: string): Promise<Seen> {
    const name = `call-${++calls}`;
    const log = join(scratch, name);
    writeFileSync(log, "");
    const env = ground.env();
    const call = await circumstance.call({
      name,
      env,
      kubeconfig,
      real: ground.provider(env),
      kubectl: ground.kubectl,
    });
    const provider = ground.provider({ ...env, KUBECONFIG: kubeconfig, GC_K8S_LOG: log });
    const { exit, stderr } = await provider({ op: circumstance.op, ...call });
    return { exit, stderr, told: stderr + readFileSync(log, "utf8").replaceAll('\\"', '"') };
  }

  /** Whether the operation shows in any circumstance that it lacks the right; it then has to say which. */
  async function misses(op: string, right: Right, kubeconfig: string): Promise<boolean> {
    const name = `cannot ${right.verb} resource "${right.resource}"`;
    const isFirst = ({ shows = [] }: Circumstance) => Number(shows.includes(rightName(right)));
    const own = circumstances.filter((each) => each.op === op).toSorted((a, b) => isFirst(b) - isFirst(a));
    for (const circumstance of own) {
      const { exit = 0, tells = /^/, exitWithout = 1, isLessWithout = false, when } = circumstance;
      const seen = await see(circumstance, kubeconfig);
      const isNamed = seen.told.includes(name);
      if (seen.exit === exit && tells.test(seen.told) && !isNamed) continue;
      if (isLessWithout && seen.exit === exit && (isNamed || rightName(right) === UNNAMED)) return true;
      expect([op, when, seen.exit, seen.told]).toEqual([op, when, exitWithout, expect.stringContaining(name)]);
      expect(seen.stderr.split("\n")).toHaveLength(exitWithout === 1 ? 2 : 1);
      expect(seen.stderr).not.toMatch(/already exists|not found|no issue found|not running/i);
      return true;
    }
    return false;
  }

  test("every operation is called", () => {
    const called = new Set([...circumstances.map(({ op }) => op), ...apart]);
    expect([...called].sort()).toEqual(Object.keys(operations).sort());
  });

  run.each(Object.entries(operations).filter(([op]) => !apart.includes(op)))(
    `${program}: %s does all it does with the rights that it is said to need, and no other`,
    async (op, rules) => {
      const kubeconfig = callers.withRights(`only-${op}`, rules);
      for (const circumstance of circumstances.filter((each) => each.op === op && !each.isOnlyRefused)) {
        const { when, exit = 0, tells = /^/ } = circumstance;
        const seen = await see(circumstance, kubeconfig);
        expect([when, seen.exit, seen.told]).toEqual([when, exit, expect.stringMatching(tells)]);
        expect(seen.told).not.toMatch(LACK);
      }
    },
    240_000,
  );

  run.each(rights.filter((right) => !(rightName(right) in unshown)))(
    `${program}: without $verb $resource each operation that is said to need it fails, naming it`,
    async (right) => {
      const served = Object.keys(operations).filter((op) => !apart.includes(op) && has(operations[op] ?? [], right));
      const name = `no-${rightName(right).replace(/\W/g, "-")}`;
      const kubeconfig = callers.withRights(name, without(Object.values(operations).flat(), right));
      const found = await inParallel(served, isSerial ? 1 : 3, async (op) =>
        (await misses(op, right, kubeconfig)) ? op : undefined,
      );
      expect(found).toEqual(served);
    },
    240_000,
  );
}

function has(rules: AccessRule[], right: Right): boolean {
  return rightsOf(rules).some((each) => rightName(each) === rightName(right));
}

/** The rules but for one right. */
export function without(rules: AccessRule[], right: Right): AccessRule[] {
  return rules
    .map((rule) => ({
      ...rule,
      verbs: rule.verbs.filter((verb) => verb !== right.verb || !rule.resources.includes(right.resource)),
    }))
    .filter(({ verbs }) => verbs.length > 0);
}
