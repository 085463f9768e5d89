import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testNamespace } from "./namespace.ts";
import { type Call, executable, type Outcome, type Provider, shellCommand } from "./provider.ts";
import { NeverTrue } from "./until.ts";

/** One rule of the contract: how to see that it holds, and a way to break it that must be seen. */
export interface Rule {
  /** What holds, as docs/operations.md lists it. */
  title: string;
  /** Throws when the provider breaks the rule. */
  check: (gc: Gc) => Promise<void>;
  /** Breaks exactly this rule of the provider that it is given. */
  broken: (real: Provider) => Provider;
  timeoutMs?: number;
  /** The check measures a time, so nothing else may run beside it. */
  alone?: boolean;
}

/** What a rule's check works with. */
export interface Gc {
  /** Calls an operation and returns what came of it, whatever that is. */
  call: (op: string, args: string[], stdin?: Call["stdin"], env?: Call["env"]) => Promise<Outcome>;
  /** Calls an operation that must succeed; returns its standard output. */
  ok: (op: string, args: string[], stdin?: Call["stdin"], env?: Call["env"]) => Promise<string>;
  /** Starts a session of a fresh name (stopped after the check) and returns the name. */
  start: (config?: object, env?: Call["env"]) => Promise<string>;
  /** A fresh name that no session has. */
  name: () => string;
  /** A shell command line that calls an operation, for checks that need a terminal or kill the call. */
  commandLine: (op: string, args: string[], env?: Record<string, string>) => string;
  /** Name of the session that all rules of the file share. */
  shared: string;
  /** Name of the agents' image. */
  image: string;
  /** kubectl with the test's namespace, for looks behind the provider. */
  kubectl: (...args: string[]) => string;
}

/** What the rules of one file stand on. */
export interface Ground {
  /** Start configuration of the session that they share; without one there is none. */
  shared?: object;
  /** Settings of every call. */
  env?: Record<string, string>;
  /** Labels of the namespace, `name=value`. */
  labels?: string[];
  /** Makes objects that have to be in the namespace before the first call. */
  prepare?: (kubectl: Gc["kubectl"]) => void;
}

/** A suite that repeats the rules under other conditions need not prove again that they can fail. */
const HAS_TWINS = process.env["GC_TEST_RULES_ONLY"] !== "1";

/** Registers each rule twice: it must hold for the executable, and its breaking must be noticed. */
export function rules(subject: string, options: Ground, table: Rule[]): void {
  describe(subject, () => {
    const namespace = testNamespace(options.labels);
    const env = () => ({ ...namespace.env(), ...options.env });
    const real: Provider = (call) => executable(env())(call);
    const shared = `shared-${subject}`;
    const place = (): Place => ({ shared, kubectl: namespace.kubectl, env: env() });
    beforeAll(async () => {
      await namespace.create();
      options.prepare?.(namespace.kubectl);
      if (!options.shared) return;
      const started = await real({ op: "start", args: [shared], stdin: JSON.stringify(options.shared) });
      if (started.exit !== 0) throw new Error(`Cannot start the shared session: ${started.stderr}`);
    }, 120_000);
    afterAll(() => namespace.remove(), 60_000);

    for (const rule of table) {
      const timeoutMs = rule.timeoutMs ?? 60_000;
      const run = rule.alone ? test.serial : test.concurrent;
      run(rule.title, () => withGc(real, real, place(), rule.check), timeoutMs);
      if (!HAS_TWINS) continue;
      run(
        `${rule.title}: a provider that breaks this is caught`,
        async () => {
          const thrown = await withGc(rule.broken(real), real, place(), rule.check).then(
            () => undefined,
            (error: unknown) => error,
          );
          expect(isBreach(thrown) || thrown).toBe(true);
        },
        timeoutMs,
      );
    }
  });
}

/** Only what a check expected, or waited for, tells a broken rule: trouble with the cluster or in the check does not. */
function isBreach(thrown: unknown): boolean {
  return thrown instanceof NeverTrue || (thrown instanceof Error && /^(\x1b\[\d*m)*expect\(/.test(thrown.message));
}

let count = 0;

/** What the checks of one file share. */
interface Place {
  shared: string;
  kubectl: Gc["kubectl"];
  env: Record<string, string>;
}

async function withGc(
  provider: Provider,
  real: Provider,
  { shared, kubectl, env }: Place,
  check: Rule["check"],
): Promise<void> {
  const names: string[] = [];
  const call: Gc["call"] = (op, args, stdin, env) =>
    provider({ op, args, ...(stdin !== undefined && { stdin }), ...(env && { env }) });
  const ok: Gc["ok"] = async (...request) => {
    const outcome = await call(...request);
    expect(outcome).toMatchObject({ exit: 0, stderr: "" });
    return outcome.stdout;
  };
  const name: Gc["name"] = () => {
    names.push(`t${process.pid}-${++count}`);
    return names.at(-1) ?? "";
  };
  const start: Gc["start"] = async (config = { command: "sleep 300" }, env) => {
    const session = name();
    await ok("start", [session], JSON.stringify(config), env);
    return session;
  };
  // A terminal cannot be given to a broken provider, so what it would answer stands on the command line.
  const commandLine: Gc["commandLine"] = (op, args, more) =>
    provider === real ? shellCommand({ ...env, ...more }, op, args) : `echo broken ${op} ${args.length}`;
  try {
    const image = env["GC_K8S_IMAGE"] ?? "";
    await check({ call, ok, start, name, commandLine, shared, image, kubectl });
  } finally {
    await Promise.all(names.map((each) => real({ op: "stop", args: [each] })));
  }
}
