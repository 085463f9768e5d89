import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testNamespace } from "../conformance/namespace.ts";
import type { Call, Outcome } from "../conformance/provider.ts";
import { until } from "../conformance/until.ts";
import { applyFilter, type Event, filterInput, type GcFilter, recordInput } from "./gc-events.ts";
import { type EventsProvider, eventsExecutable, type Watcher } from "./provider.ts";

/** One rule of the contract: how to see that it holds, and a way to break it that must be seen. */
export interface EventRule {
  title: string;
  /** Throws when the provider breaks the rule. */
  check: (log: Log) => Promise<void>;
  /** Breaks exactly this rule of the provider that it is given. */
  broken: (real: EventsProvider) => EventsProvider;
  timeoutMs?: number;
}

/** What a rule's check works with: the empty log of a city of its own. */
export interface Log {
  /** Calls an operation and returns what came of it, whatever that is. */
  call: (op: string, args?: string[], stdin?: Call["stdin"], env?: Call["env"]) => Promise<Outcome>;
  /** Records an event, which must succeed. */
  record: (event?: Partial<Event>, env?: Call["env"]) => Promise<void>;
  /** What gc's own `list` returns for a filter. */
  list: (filter?: GcFilter, env?: Call["env"]) => Promise<Event[]>;
  latest: (env?: Call["env"]) => Promise<number>;
  /** Starts a watch, which is killed after the check. */
  watch: (after: number, env?: Call["env"]) => Watcher;
  /** The events of a watch, once there are so many. */
  events: (watcher: Watcher, count: number) => Promise<Event[]>;
  /** The city's name. */
  city: string;
  /** Environment of each call. */
  env: Record<string, string>;
  kubectl: (...args: string[]) => string;
}

let count = 0;

/** Registers each rule twice: it must hold for the executable, and its breaking must be noticed. */
export function eventRules(subject: string, table: EventRule[]): void {
  describe(subject, () => {
    const namespace = testNamespace();
    beforeAll(() => namespace.create(), 60_000);
    afterAll(() => namespace.remove(), 60_000);
    const check = async (rule: EventRule, change: EventRule["broken"]) => {
      const city = `rule-${++count}`;
      const env = { ...namespace.env(), GC_K8S_CITY: city };
      const watchers: Watcher[] = [];
      try {
        await rule.check(logOf(change(eventsExecutable(env)), { city, env, kubectl: namespace.kubectl }, watchers));
      } finally {
        for (const watcher of watchers) watcher.kill();
      }
    };
    for (const rule of table) {
      const timeoutMs = rule.timeoutMs ?? 60_000;
      test.concurrent(rule.title, () => check(rule, (real) => real), timeoutMs);
      test.concurrent(
        `${rule.title}: a provider that breaks this is caught`,
        async () => {
          const isCaught = await check(rule, rule.broken).then(
            () => false,
            () => true,
          );
          expect(isCaught).toBe(true);
        },
        timeoutMs,
      );
    }
  });
}

/** Calls on one provider, as gc makes them. */
export function logOf(
  provider: EventsProvider,
  place: Pick<Log, "city" | "env" | "kubectl">,
  watchers: Watcher[] = [],
): Log {
  const call: Log["call"] = (op, args = [], stdin, env) =>
    provider.call({ op, args, ...(stdin !== undefined && { stdin }), ...(env && { env }) });
  const ok = async (...request: Parameters<Log["call"]>) => {
    const outcome = await call(...request);
    expect(outcome).toMatchObject({ exit: 0, stderr: "" });
    return outcome.stdout;
  };
  return {
    ...place,
    call,
    record: async (event = {}, env) => void (await ok("record", [], recordInput(event), env)),
    async list(filter = {}, env) {
      const stdout = await ok("list", [], filterInput(filter), env);
      return applyFilter(stdout.trim() ? (JSON.parse(stdout) as Event[]) : [], filter);
    },
    async latest(env) {
      const stdout = await ok("latest-seq", [], undefined, env);
      expect(stdout).toMatch(/^\d*\n?$/);
      return Number(stdout);
    },
    watch(after, env) {
      const watcher = provider.watch(after, env);
      watchers.push(watcher);
      return watcher;
    },
    async events(watcher, wanted) {
      await until(() => watcher.lines.length >= wanted, 15_000);
      return watcher.lines.map((line) => JSON.parse(line) as Event);
    },
  };
}
