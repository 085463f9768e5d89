import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Store, storeWith } from "./bead-rules.ts";
import { replaceBd, type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
let store: Store;

const CITY = { city: "counted", prefix: "co", database: "counted" };
const POD = "gc-beads-runner-counted-0";

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init(CITY), place, "co", "counted");
  replaceBd(place, CITY, '#!/bin/sh\necho "$1" >>/tmp/ran\nexec /usr/local/bin/bd "$@"');
}, 180_000);
afterAll(() => place?.remove(), 60_000);

const inRunner = (script: string) => place.kubectl("exec", POD, "--", "sh", "-c", script);

/** One operation, beads that it may name, and the commands of bd that it comes to. */
interface Case {
  op: string;
  args?: (id: string, other: string) => string[];
  stdin?: (id: string, other: string) => object;
  /** What precedes it. */
  before?: (id: string, other: string) => Promise<unknown>;
  /** The runner has not seen the beads in the last seconds. */
  isUnseen?: true;
  bd: string;
}

const one = (id: string) => [id];
const two = (id: string, other: string) => [id, other];
const BLOCKS = (id: string, other: string) => [id, other, "blocks"];

const CASES: Record<string, Case> = {
  get: { op: "get", args: one, bd: "list" },
  list: { op: "list", bd: "sql" },
  "list of an assignee": { op: "list", args: () => ["--assignee=me"], bd: "list" },
  "list-by-label": { op: "list-by-label", args: () => ["x", "0"], bd: "list" },
  children: { op: "children", args: one, bd: "list" },
  ready: { op: "ready", bd: "sql" },
  "dep-list down": { op: "dep-list", args: (id) => [id, "down"], bd: "list" },
  create: { op: "create", stdin: () => ({ title: "t" }), bd: "create" },
  "create that needs a bead": { op: "create", stdin: (id) => ({ title: "t", needs: [id] }), bd: "create list" },
  "create that needs an unseen bead": {
    op: "create",
    stdin: (id) => ({ title: "t", needs: [id] }),
    isUnseen: true,
    bd: "create list",
  },
  update: { op: "update", args: one, stdin: () => ({ title: "u" }), bd: "update" },
  "update of an unseen bead": {
    op: "update",
    args: one,
    stdin: () => ({ title: "u" }),
    isUnseen: true,
    bd: "list update",
  },
  "update with nothing": { op: "update", args: one, stdin: () => ({}), bd: "list" },
  "update with a parent": { op: "update", args: one, stdin: (_, other) => ({ parent_id: other }), bd: "update list" },
  "update of an unseen bead with a parent": {
    op: "update",
    args: one,
    stdin: (_, other) => ({ parent_id: other }),
    isUnseen: true,
    bd: "list update list",
  },
  "set-metadata": { op: "set-metadata", args: (id) => [id, "k"], bd: "update" },
  close: { op: "close", args: one, bd: "close" },
  "close of an unseen bead": { op: "close", args: one, isUnseen: true, bd: "list close" },
  "close for a reason that was just set": {
    op: "close",
    args: one,
    before: (id) => store.ok("update", [id], '{"metadata":{"close_reason":"done"}}'),
    bd: "close",
  },
  "close for a reason that only the bead has": {
    op: "close",
    args: one,
    before: async (id) => {
      await store.ok("update", [id], '{"metadata":{"close_reason":"done"}}');
      inRunner("rm /run/gc-beads/scopes/co/reason-*");
    },
    isUnseen: true,
    bd: "list close",
  },
  reopen: { op: "reopen", args: one, before: (id) => store.ok("close", [id]), bd: "list reopen" },
  "reopen of an open bead": { op: "reopen", args: one, bd: "list" },
  delete: { op: "delete", args: (id) => ["--force", id], bd: "list delete" },
  "dep-add": { op: "dep-add", args: BLOCKS, bd: "dep" },
  "dep-add of unseen beads": { op: "dep-add", args: BLOCKS, isUnseen: true, bd: "list dep" },
  "dep-add that changes the type": {
    op: "dep-add",
    args: BLOCKS,
    before: (id, other) => store.ok("dep-add", [id, other, "tracks"]),
    bd: "dep batch",
  },
  "dep-add that changes the type, of unseen beads": {
    op: "dep-add",
    args: BLOCKS,
    before: (id, other) => store.ok("dep-add", [id, other, "tracks"]),
    isUnseen: true,
    bd: "list dep batch",
  },
  "dep-remove": {
    op: "dep-remove",
    args: two,
    before: (id, other) => store.ok("dep-add", [id, other, "blocks"]),
    bd: "dep",
  },
};

test.each(Object.entries(CASES))(
  "%s runs no other bd than it needs",
  async (_, { op, args, stdin, before, isUnseen, bd }) => {
    const [{ id }, { id: other }] = [await store.create(), await store.create()];
    await before?.(id, other);
    inRunner(`rm -f /tmp/ran ${isUnseen ? "/run/gc-beads/scopes/co/known.*" : ""}`);
    await store.ok(op, args?.(id, other) ?? [], stdin ? JSON.stringify(stdin(id, other)) : "");
    expect(inRunner("cat /tmp/ran").trim().replaceAll("\n", " ")).toBe(bd);
  },
  60_000,
);
