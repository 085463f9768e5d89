import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../conformance/until.ts";
import { chanceOf, FAULT_SEED } from "../fault/chance.ts";
import { report } from "../fault/report.ts";
import type { RunningCall } from "../support/gc/provider-process.ts";
import { watchedNamespace } from "../support/gc/watched-namespace.ts";
import { assertNextStartSucceeds, CONFIG, interrupt } from "./aftermath.ts";
import { type HoldingProxy, holdingProxy } from "./holding-proxy.ts";

/** Moments at which a start is interrupted, and killed. */
const INTERRUPTS = Number(process.env["GC_TEST_INTERRUPTS"] ?? 12);
const KILLS = Number(process.env["GC_TEST_KILLS"] ?? 6);
const INTERRUPTS_AT_ONCE = 3;
const KILLS_AT_ONCE = 6;

const BOX_ENDS_WITHIN_MS = 40_000;

/** Requests of a start, in order. Withholding the answer stops it between that step and the next. */
const STEPS: [string, RegExp][] = [
  ["POST", /^POST \/api\/v1\/namespaces\/[^/]+\/pods[ ?]/],
  ["watch", /^GET \S+[?&]watch=/],
  ["exec", /^(GET|POST) \S+\/exec\?/],
  // The pod is marked as launched, and the commit never arrives.
  ["PATCH", /^PATCH /],
];

const field = watchedNamespace();
let startMs = 0;
const sent = { interrupts: 0, kills: 0, longestMs: 0 };

beforeAll(async () => {
  await field.create();
  const { ms, exit } = await begin("measured").done;
  expect(exit).toBe(0);
  startMs = ms;
  await field.stopAll(["measured"]);
}, 60_000);
afterAll(() => {
  // Phases are another file's, which runs in this suite, too.
  report("signals", {
    at: "random moments and withheld answers",
    interrupts: sent.interrupts,
    "longest to the end in ms": Math.round(sent.longestMs),
    kills: sent.kills,
  });
  field.remove();
}, 60_000);

for (const signal of ["SIGINT", "SIGTERM"] as const)
  test.concurrent.each(STEPS)(
    `a start that gets ${signal} while the answer to its %s is withheld is gone in time, and so is its pod`,
    (step, request) =>
      whileHeld(request, async (proxy) => {
        const name = `held-${signal}-${step}`;
        const call = begin(name, { KUBECONFIG: proxy.kubeconfig });
        await proxy.held;
        await interruptTimed(name, call, signal);
        // The server had carried the request out, and the start has not got beyond it.
        expect(
          field
            .history()
            .of(name)
            .map(({ launchedAtMs }) => launchedAtMs !== undefined),
        ).toEqual([step === "PATCH"]);
        expect((await call.done).exit).toBe(1);
      }),
    60_000,
  );

// Not concurrent: it also keeps the boxes of the tests below away from the times that are measured above.
test(
  `a start interrupted at ${INTERRUPTS} random moments (FAULT_SEED=${FAULT_SEED}) is gone in time, and so is its pod`,
  () =>
    atRandomMoments("interrupted", INTERRUPTS, INTERRUPTS_AT_ONCE, async (momentMs, index) => {
      const name = `interrupted-${index}`;
      const call = begin(name);
      await Bun.sleep(momentMs);
      await interruptTimed(name, call, index % 2 === 0 ? "SIGINT" : "SIGTERM", { mayHaveSucceeded: true });
    }),
  30_000 + INTERRUPTS * 5_000,
);

test.concurrent.each(STEPS)(
  "a start killed while the answer to its %s is withheld is followed by one that succeeds",
  (step, request) =>
    whileHeld(request, async (proxy) => {
      const name = `held-SIGKILL-${step}`;
      const call = begin(name, { KUBECONFIG: proxy.kubeconfig });
      await proxy.held;
      await kill(call);
      await assertNextStartSucceeds(field, name, { mayRunAlready: false });
    }),
  90_000,
);

test.concurrent(
  `a start killed at ${KILLS} random moments (FAULT_SEED=${FAULT_SEED}) is followed by one that succeeds`,
  () =>
    atRandomMoments("killed", KILLS, KILLS_AT_ONCE, async (momentMs, index) => {
      const name = `killed-${index}`;
      await killAt(name, momentMs);
      await assertNextStartSucceeds(field, name, { mayRunAlready: true });
    }),
  60_000 + KILLS * 10_000,
);

test.concurrent(
  `a start killed at ${KILLS} random moments (FAULT_SEED=${FAULT_SEED}) leaves no box without an agent`,
  () =>
    atRandomMoments("left", KILLS, KILLS_AT_ONCE, async (momentMs, index) => {
      const name = `left-${index}`;
      await killAt(name, momentMs);
      await until(() => isWholeOrEnded(name), BOX_ENDS_WITHIN_MS);
      await field.stopAll([name]);
    }),
  60_000 + KILLS * 10_000,
);

// A box counts its time from its own start, which may be long after the pod's.
test.concurrent("a start killed on a node that is slow to run its box is followed by one that succeeds", async () => {
  const name = "killed-slow";
  const folder = mkdtempSync(join(tmpdir(), "slow-box-"));
  const template = join(folder, "pod.yaml");
  const image = field.env()["GC_K8S_IMAGE"] ?? "";
  writeFileSync(template, `spec: { initContainers: [{ name: slow, image: "${image}", command: [sleep, "15"] }] }`);
  const call = begin(name, { GC_K8S_POD_TEMPLATE: template });
  await until(() => field.history().of(name).length > 0);
  await kill(call);
  rmSync(folder, { recursive: true });
  await assertNextStartSucceeds(field, name, { mayRunAlready: false });
}, 120_000);

function begin(name: string, env?: Record<string, string>): RunningCall {
  return field.gc(env).begin("start", [name], { stdin: CONFIG });
}

/** Moments from the first to a little beyond the last of a start, one in each of `count` equal parts. */
async function atRandomMoments(
  part: string,
  count: number,
  atOnce: number,
  act: (momentMs: number, index: number) => Promise<void>,
): Promise<void> {
  const partMs = (startMs * 1.1) / count;
  // Drawn before anything runs, so that the seed alone decides.
  const { below } = chanceOf(`signals/${part}`);
  const moments = Array.from({ length: count }, (_, index) => (index + below(1_000) / 1_000) * partMs);
  const queue = [...moments.entries()];
  const actSome = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, momentMs] = next;
      await act(momentMs, index).catch((error: unknown) => {
        throw new Error(`${momentMs.toFixed(0)} ms of ${startMs.toFixed(0)} ms into the start`, { cause: error });
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, actSome));
}

async function whileHeld(request: RegExp, act: (proxy: HoldingProxy) => Promise<void>): Promise<void> {
  const { KUBECONFIG = "" } = field.env();
  const proxy = await holdingProxy(KUBECONFIG, request);
  try {
    await act(proxy);
  } finally {
    proxy.close();
  }
}

async function killAt(name: string, momentMs: number): Promise<void> {
  const call = begin(name);
  await Bun.sleep(momentMs);
  await kill(call);
}

async function kill(call: RunningCall): Promise<void> {
  sent.kills++;
  call.signal("SIGKILL");
  await call.done;
}

/** Interrupts a start and keeps how long its end took, for the record. */
async function interruptTimed(
  name: string,
  call: RunningCall,
  signal: "SIGINT" | "SIGTERM",
  options?: { mayHaveSucceeded: boolean },
): Promise<void> {
  sent.interrupts++;
  const endedMs = await interrupt(field, name, call, signal, options);
  sent.longestMs = Math.max(sent.longestMs, endedMs);
}

/** True when each of the session's pods is gone, has ended, or is a session whose agent runs. */
async function isWholeOrEnded(name: string): Promise<boolean> {
  const open = field
    .history()
    .of(name)
    .filter(({ goneAtMs, phase }) => !goneAtMs && (phase === "Pending" || phase === "Running"));
  if (open.length === 0) return true;
  if (open.some(({ launchedAtMs }) => launchedAtMs === undefined)) return false;
  return (await field.gc().call("process-alive", [name], { stdin: "sleep" })).value === "true";
}
