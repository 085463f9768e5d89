import { afterAll, beforeAll, expect, test } from "bun:test";
import { access } from "../../src/provider/access.ts";
import { type Right, rightName, rightsOf } from "../../src/provider/access-rule.ts";
import { testNamespace } from "../conformance/namespace.ts";
import { executable, type Outcome, shellCommand } from "../conformance/provider.ts";
import { Terminal } from "../conformance/terminal.ts";
import { runsOf } from "../fault/chance.ts";
import { type Callers, callersIn } from "./caller.ts";
import { DRIVING_CALLS, LOOKING_CALLS, type SessionCall } from "./session-calls.ts";

/** It takes a Ctrl-C and goes on. */
const CONFIG = JSON.stringify({ command: "bash --norc -i" });
const OPERATIONS = access["gc-session-k8s"] ?? {};
const RIGHTS = rightsOf(Object.values(OPERATIONS).flat());
const DRIVING = DRIVING_CALLS.map(({ op }) => op);

const CALLS: SessionCall[] = [
  ...LOOKING_CALLS,
  ...DRIVING_CALLS,
  { op: "check-image", args: () => [namespace.env()["GC_K8S_IMAGE"] ?? ""] },
  { op: "start", args: (session) => [session], stdin: CONFIG, isOfNewSession: true },
  { op: "provision", args: (session) => [session], stdin: CONFIG, isOfNewSession: true },
  { op: "stop", args: (session) => [session], isOfNewSession: true },
];

/** Right → operations that fail without it on a live session, or on a new one where they make it. */
const FAIL_WITHOUT: Record<string, string[]> = {
  "get pods": ["is-running", "stop"],
  "list pods": ["list-running"],
  "watch pods": ["check-image", "provision", "start", "stop"],
  "create pods": ["check-image", "provision", "start"],
  "patch pods": ["provision", "start"],
  "delete pods": ["check-image", "stop"],
  "get pods/exec": [...DRIVING, "check-image", "provision", "start"],
};

/** Rights that a session which is live and well does not show, and why they are granted. */
const SHOWN_ELSEWHERE: Record<string, string> = {
  "create pods/exec": "API servers from 1.35 on ask for it",
  "get pods/log": "the last screen of a session that has ended",
  "list events": "why a pod cannot run; a start without it tells less",
  "get persistentvolumeclaims": "a claimed workspace that exists",
  "create persistentvolumeclaims": "a workspace to be claimed",
};

/** A row costs 15 s on a slow machine; those that no operation shows are for the long run. */
const ROWS = RIGHTS.filter((right) => runsOf(1, 0) > 0 || rightName(right) in FAIL_WITHOUT);

/** The session that every operation but `stop` leaves as it is. */
const LIVE = "live";

const namespace = testNamespace();
let callers: Callers;
beforeAll(async () => {
  await namespace.create();
  await begun(LIVE);
  callers = callersIn(namespace);
}, 60_000);
afterAll(async () => {
  callers.remove();
  await namespace.remove();
}, 60_000);

test("every right is either seen to be needed below or has its reason", () => {
  const told = [...Object.keys(FAIL_WITHOUT), ...Object.keys(SHOWN_ELSEWHERE)];
  expect(RIGHTS.map(rightName).sort()).toEqual(told.sort());
});

test("an operation fails only for the lack of a right that it is said to need", () => {
  for (const [right, operations] of Object.entries(FAIL_WITHOUT))
    for (const op of operations)
      expect([op, rightsOf(OPERATIONS[op] ?? []).map(rightName)]).toEqual([op, expect.arrayContaining([right])]);
});

test("with exactly these rights no operation fails", async () => {
  const kubeconfig = callers.withRights("all", Object.values(OPERATIONS).flat());
  expect(await failures("all", kubeconfig)).toEqual({});
}, 120_000);

test.concurrent.each(ROWS)(
  "without $verb $resource exactly the operations that need it fail, naming it",
  async (right) => {
    const name = `no-${rightName(right).replace(/\W/g, "-")}`;
    const failed = await failures(name, callers.withRights(name, without(right)));
    expect(Object.keys(failed).sort()).toEqual([...(FAIL_WITHOUT[rightName(right)] ?? [])].sort());
    for (const [op, { exit, stderr }] of Object.entries(failed)) {
      expect([op, exit, stderr.trimEnd().split("\n").length]).toEqual([op, 1, 1]);
      expect(stderr).toContain(`cannot ${right.verb} resource "${right.resource}"`);
      expect(stderr).not.toMatch(/already exists|not found|not running/i);
    }
  },
  180_000,
);

test("without get pods/exec attach says so, and watch-startup says to gc that it cannot", async () => {
  const right = RIGHTS.find((each) => rightName(each) === "get pods/exec");
  const env = { ...namespace.env(), KUBECONFIG: callers.withRights("no-attach", right ? without(right) : []) };
  const terminal = new Terminal(shellCommand(env, "attach", [LIVE]), { columns: 400 });
  try {
    await terminal.shows('cannot get resource "pods/exec"');
    await terminal.shows("ended with 1");
  } finally {
    terminal.close();
  }
  expect(await executable(env)({ op: "watch-startup", args: [LIVE] })).toMatchObject({ exit: 2, stdout: "" });
}, 60_000);

/** Calls every operation as the caller; returns those that failed. */
async function failures(name: string, kubeconfig: string): Promise<Record<string, Outcome>> {
  const failed: Record<string, Outcome> = {};
  for (const call of CALLS) {
    const session = call.isOfNewSession ? `${name}-${call.op}` : LIVE;
    if (call.op === "stop") await begun(session);
    // Checks of one image wait for each other; the rows run at the same time, so each is a city of its own.
    const city = call.op === "check-image" ? { GC_K8S_CITY: name } : {};
    const env = { ...namespace.env(), ...city, KUBECONFIG: kubeconfig };
    const outcome = await executable(env)(request(call, session));
    if (outcome.exit !== 0) failed[call.op] = outcome;
    if (call.isOfNewSession) await asTest({ op: "stop", args: () => [session] }, session);
  }
  return failed;
}

async function begun(session: string): Promise<void> {
  await asTest({ op: "start", args: () => [session], stdin: CONFIG }, session);
}

async function asTest(call: SessionCall, session: string): Promise<void> {
  expect(await executable(namespace.env())(request(call, session))).toMatchObject({ exit: 0, stderr: "" });
}

function request({ op, args, stdin }: SessionCall, session: string) {
  return { op, args: args(session), ...(stdin !== undefined && { stdin }) };
}

function without(right: Right) {
  return Object.values(OPERATIONS)
    .flat()
    .map((rule) => ({
      ...rule,
      verbs: rule.verbs.filter((verb) => verb !== right.verb || !rule.resources.includes(right.resource)),
    }))
    .filter(({ verbs }) => verbs.length > 0);
}
