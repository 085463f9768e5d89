import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Call, Outcome, Provider } from "../conformance/provider.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

/** A bead as the provider prints it. */
export interface Bead {
  id: string;
  title: string;
  status: string;
  type: string;
  priority?: number | null;
  created_at: string;
  updated_at?: string;
  assignee?: string;
  from?: string;
  parent_id?: string;
  ref?: string;
  needs?: string[];
  description?: string;
  labels?: string[];
  metadata?: Record<string, string>;
  ephemeral?: boolean;
  no_history?: boolean;
  defer_until?: string;
}

/** One rule of the beads contract: how to see that it holds, and a way to break it that must be seen. */
export interface BeadRule {
  title: string;
  check: (store: Store) => Promise<void>;
  broken: (real: Provider) => Provider;
  timeoutMs?: number;
  /** The check needs a store in which nothing else is. */
  isAlone?: boolean;
}

/** What a rule's check works with: a store that other checks use, too, unless the rule is alone. */
export interface Store {
  call(op: string, args: string[], stdin?: Call["stdin"], env?: Call["env"]): Promise<Outcome>;
  /** Calls an operation that must succeed; returns its standard output. */
  ok(op: string, args: string[], stdin?: Call["stdin"]): Promise<string>;
  /** Calls an operation that must fail with 1 and one line, and not say what gc takes for a fact; returns that line. */
  refused(op: string, args: string[], stdin?: Call["stdin"]): Promise<string>;
  /** Calls an operation that must fail with the fact that the bead is not there. */
  notFound(op: string, args: string[], stdin?: Call["stdin"]): Promise<void>;
  create(fields?: Partial<Bead>): Promise<Bead>;
  get(id: string): Promise<Bead>;
  update(id: string, fields: object): Promise<void>;
  beads(op: string, ...args: string[]): Promise<Bead[]>;
  /** Runs real bd in the runner, as an agent would. */
  bd(...args: string[]): string;
  prefix: string;
  place: TestPlace;
}

let stores = 0;

/** Registers each rule twice: it must hold for the executable, and its breaking must be noticed. */
export function beadRules(subject: string, table: BeadRule[]): void {
  describe(subject, () => {
    const city = "rules";
    let place: TestPlace | undefined;
    let shared: Provider | undefined;
    beforeAll(async () => {
      place = await testPlace();
      shared = await place.init({ city, prefix: "tc", database: "hq" });
    }, 180_000);
    afterAll(() => place?.remove(), 60_000);

    for (const rule of table) {
      const storeOf = async (breaks: (real: Provider) => Provider): Promise<Store> => {
        if (!place || !shared) throw new Error("the city was not made");
        if (!rule.isAlone) return storeWith(breaks(shared), place, "tc", city);
        const prefix = `alone${++stores}`;
        return storeWith(breaks(await place.init({ city, prefix, database: prefix })), place, prefix, city);
      };
      const timeoutMs = rule.timeoutMs ?? 90_000;
      test.concurrent(rule.title, async () => rule.check(await storeOf((real) => real)), timeoutMs);
      test.concurrent(
        `${rule.title}: a provider that breaks this is caught`,
        async () => {
          const store = await storeOf(rule.broken);
          const isCaught = await rule.check(store).then(
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

/** A store's operations in the words of the checks. */
export function storeWith(provider: Provider, place: TestPlace, prefix: string, city: string): Store {
  const call: Store["call"] = (op, args, stdin, env) =>
    provider({ op, args, ...(stdin !== undefined && { stdin }), ...(env && { env }) });
  const ok: Store["ok"] = async (op, args, stdin) => {
    const outcome = await call(op, args, stdin);
    expect({ op, args, exit: outcome.exit, stderr: outcome.stderr }).toEqual({ op, args, exit: 0, stderr: "" });
    return outcome.stdout;
  };
  const store: Store = {
    call,
    ok,
    prefix,
    place,
    async refused(op, args, stdin) {
      const { exit, stderr } = await call(op, args, stdin);
      expect({ exit, lines: stderr.split("\n").length }).toEqual({ exit: 1, lines: 2 });
      expect(stderr).not.toMatch(/not found|no issue found/i);
      return stderr;
    },
    async notFound(op, args, stdin) {
      const { exit, stderr } = await call(op, args, stdin);
      expect(exit).toBe(1);
      expect(stderr).toMatch(/not found\n$/);
    },
    create: async (fields = {}) => JSON.parse(await ok("create", [], JSON.stringify({ title: "t", ...fields }))),
    get: async (id) => JSON.parse(await ok("get", [id])),
    update: async (id, fields) => void (await ok("update", [id], JSON.stringify(fields))),
    beads: async (op, ...args) => JSON.parse(await ok(op, args)),
    bd: (...args) => runBd(place, city, prefix, args),
  };
  return store;
}

function runBd(place: TestPlace, city: string, prefix: string, args: string[]): string {
  const script = `cd /run/gc-beads/scopes/${prefix} && . ./env && exec bd "$@"`;
  return place.kubectl("exec", `gc-beads-runner-${city}-0`, "--", "sh", "-c", script, "sh", ...args);
}

/** A word that no other check uses, for labels and titles in a store that checks share. */
export function unique(word: string): string {
  return `${word}-${crypto.randomUUID().slice(0, 8)}`;
}
