import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Provider } from "../conformance/provider.ts";
import { chanceOf, FAULT_SEED, inParallel, runsOf } from "../fault/chance.ts";
import { type FaultyWire, faultyWire, type WireFault } from "../fault/cluster-access.ts";
import { report } from "../fault/report.ts";
import type { Passed } from "../fault/tcp-proxy.ts";
import { FAULTS } from "../fault/wire-faults.ts";
import { type Bead, type Store, storeWith } from "./bead-rules.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

const STORE = { city: "wire", prefix: "wi", database: "wire" };
const KINDS = [
  "refused for 1 s",
  "refused for ever",
  "first connection reset",
  "request cut by a reset",
  "answer cut by a reset",
  "answer cut by a close",
  "answer goes silent",
  "slices of a few bytes",
  "409 Conflict",
  "429, Retry-After 1",
  "500",
  "504 after the work was done",
];
const ROWS = FAULTS.filter(({ name }) => KINDS.includes(name));
/** What passes by itself within the window of retries. */
const PASSES = ["refused for 1 s", "slices of a few bytes"];
const RUNS = runsOf(10 * ROWS.length, 2 * ROWS.length);

/** A way on which nothing fails. */
const CALM: WireFault = {
  wire: "tcp",
  kind: "delay",
  direction: "answer",
  atByte: 0,
  connections: { from: 0, count: 0 },
  ms: 0,
};
const reaches = new Map<Row, Passed>();

/** What came of a run. */
interface Verdict {
  exit: number;
  /** The fault has met the call. */
  hasStruck: boolean;
  wrong: string[];
}

/** An operation under faults: how it is called, and whether what it claims by 0 is true. */
interface Row {
  op: string;
  /** `bead` is its own, with the title `run` and an edge to another. */
  call(bead: Bead, run: string): { args: string[]; stdin?: string };
  isTrue(stdout: string, bead: Bead, run: string): Promise<boolean>;
}

let place: TestPlace;
let store: Store;
let wire: FaultyWire;

const holds = async (bead: Bead, isSo: (now: Bead) => boolean) => isSo(await store.get(bead.id));
const listed = async (stdout: string, { id }: Bead) =>
  (JSON.parse(stdout) as Bead[]).some((each) => each.id === id && !each.status.startsWith("closed"));

const OPERATIONS: Row[] = [
  {
    op: "create",
    call: (_, run) => ({ args: [], stdin: JSON.stringify({ title: `made by ${run}`, metadata: { run } }) }),
    isTrue: async (stdout, _, run) => (await store.get((JSON.parse(stdout) as Bead).id)).title === `made by ${run}`,
  },
  {
    op: "get",
    call: ({ id }) => ({ args: [id] }),
    isTrue: async (stdout, bead) => holds(bead, (now) => now.title === (JSON.parse(stdout) as Bead).title),
  },
  { op: "list", call: () => ({ args: ["--status=open"] }), isTrue: listed },
  { op: "ready", call: () => ({ args: [] }), isTrue: async (stdout, bead) => !(await listed(stdout, bead)) },
  {
    op: "update",
    call: ({ id }, run) => ({ args: [id], stdin: JSON.stringify({ description: run }) }),
    isTrue: (_, bead, run) => holds(bead, ({ description }) => description === run),
  },
  {
    op: "set-metadata",
    call: ({ id }, run) => ({ args: [id, "run"], stdin: run }),
    isTrue: (_, bead, run) => holds(bead, ({ metadata }) => metadata?.["run"] === run),
  },
  {
    op: "close",
    call: ({ id }) => ({ args: [id] }),
    isTrue: (_, bead) => holds(bead, ({ status }) => status === "closed"),
  },
  {
    op: "dep-list",
    call: ({ id }) => ({ args: [id, "down"] }),
    isTrue: async (stdout, { id }) => stdout.includes(id) && (JSON.parse(stdout) as object[]).length === 1,
  },
];

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init(STORE), place, STORE.prefix, STORE.city);
  wire = await faultyWire(place.cluster.kubeconfig);
}, 180_000);
afterAll(() => {
  wire?.close();
  place?.remove();
}, 60_000);

test(`${RUNS} operations under faults of the wire are honest (FAULT_SEED=${FAULT_SEED})`, async () => {
  const blocker = await store.create();
  const provider = place.provider(STORE);
  for (const operation of OPERATIONS) reaches.set(operation, await reachOf(provider, operation, blocker.id));
  const verdicts = await inParallel([...Array(RUNS).keys()], 6, (at) => play(provider, at, blocker.id));
  expect(verdicts.flatMap(({ wrong }) => wrong)).toEqual([]);
  const struck = verdicts.filter(({ hasStruck }) => hasStruck).length;
  const succeeded = verdicts.filter(({ exit }) => exit === 0).length;
  report("beads-wire", { runs: RUNS, struck, succeeded });
  expect(struck).toBeGreaterThan(0.8 * RUNS);
  // Who only fails tells no lie, either.
  expect(succeeded).toBeGreaterThan(RUNS / 3);
  const made = (await store.beads("list")).map(({ title }) => title).filter((title) => title.startsWith("made by "));
  expect(made.filter((title, index) => made.indexOf(title) !== index)).toEqual([]);
}, 1_200_000);

/** Makes one run; each operation meets each fault before any does so again. */
async function play(provider: Provider, at: number, blocker: string): Promise<Verdict> {
  const row = ROWS[at % ROWS.length];
  const operation = OPERATIONS[((at % ROWS.length) + Math.floor(at / ROWS.length)) % OPERATIONS.length];
  if (!row || !operation) throw new Error("there is no such run");
  const run = `run ${at}`;
  const bead = await store.create({ title: run, needs: [blocker] });
  const call = operation.call(bead, run);
  const fault = row.make(chanceOf(`beads-wire/${at}`), reaches.get(operation) ?? { connections: [], requests: 1 });
  const { exit, stdout, stderr, ms, hasStruck } = await wire.through(fault, async (KUBECONFIG, port) => ({
    ...(await provider({ op: operation.op, ...call, env: { KUBECONFIG } })),
    hasStruck: port.struck(),
  }));
  const wrong = [
    ...(exit !== 0 && exit !== 1 ? [`ended with ${exit}`] : []),
    ...(exit === 0 && !(await operation.isTrue(stdout, bead, run)) ? [`a false success: ${stdout.slice(0, 200)}`] : []),
    ...(exit === 1 && !/^[^\n]+\n$/.test(stderr) ? ["not one line of error"] : []),
    ...(exit === 1 && /not found|no issue found|already exists/i.test(stderr) ? ["says a fact"] : []),
    ...(exit !== 0 && PASSES.includes(row.name) ? ["fails although it passes"] : []),
    ...(ms > 29_500 ? [`took ${Math.round(ms)} ms`] : []),
  ];
  const about = `${operation.op} × ${row.name} ${JSON.stringify(fault)}`;
  return { exit, hasStruck, wrong: wrong.map((text) => `${about}: ${text} (${stderr.trim()})`) };
}

/** What a call of the operation lets pass when nothing fails. */
async function reachOf(provider: Provider, operation: Row, blocker: string): Promise<Passed> {
  const bead = await store.create({ title: "calm", needs: [blocker] });
  return await wire.through(CALM, async (KUBECONFIG, { passed }) => {
    const { exit, stderr } = await provider({ op: operation.op, ...operation.call(bead, "calm"), env: { KUBECONFIG } });
    expect({ op: operation.op, exit, stderr }).toEqual({ op: operation.op, exit: 0, stderr: "" });
    // Each is one exec.
    return { connections: passed.connections, requests: 1 };
  });
}
