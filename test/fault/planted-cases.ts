import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../conformance/until.ts";
import { chanceOf } from "./chance.ts";
import type { FaultyWire, WireFault } from "./cluster-access.ts";
import type { Ground } from "./fault-ground.ts";
import { fuzzedAnswers } from "./fuzz-answers.ts";
import { fuzzedExecs } from "./fuzz-runs.ts";
import type { FuzzServer } from "./fuzz-server.ts";
import { hostileProblems } from "./hostile-runs.ts";
import type { HttpFault } from "./http-proxy.ts";
import type { FaultRow } from "./wire-faults.ts";
import { OPERATIONS, titleOf } from "./wire-operations.ts";
import { offenders, playRuns } from "./wire-runs.ts";
import { LIVE, META_KEY, META_VALUE } from "./wire-sessions.ts";

/** What a case works with; the ground's executable may have a bug. */
export interface Stage {
  ground: Ground;
  wire: FaultyWire;
  server: FuzzServer;
  /** Keeps the names of one executable's sessions apart from another's. */
  prefix: string;
}

/** Looks for bugs of a kind; resolves with what it found. */
type Case = (stage: Stage) => Promise<string[]>;

const CONFIG = JSON.stringify({ command: "exec sleep 600" });
const CUTS = 24;
const CUT_STEP = 25;
const CUT = { wire: "tcp", kind: "close", direction: "answer", connections: "first", ms: 0 } as const;
const HARMLESS: WireFault = {
  wire: "tcp",
  kind: "slice",
  direction: "answer",
  atByte: 100,
  connections: "first",
  ms: 0,
};

function answering(code: number, reason: string, some: Partial<HttpFault> = {}): WireFault {
  return { wire: "http", kind: "answer", code, reason, body: "status", requests: "all", ...some };
}

/** An operation under these faults, judged as in the suite of wire faults. */
function wired(op: string, ...faults: WireFault[]): Case {
  return async ({ ground, wire, prefix }) => {
    const operation = OPERATIONS.find((each) => titleOf(each) === op);
    if (!operation) throw new Error(`there is no operation "${op}"`);
    const row: FaultRow = { name: "planted", make: () => HARMLESS, isHarmless: faults.includes(HARMLESS) };
    const runs = faults.map((fault, index) => ({ id: `${prefix}-${op}-${index}`, operation, row, fault }));
    return offenders(await playRuns(ground, wire, runs));
  };
}

/** The last bytes of an answer are missing, more of them each time: some cuts come after the work and before its proof. */
function cut(op: string): Case {
  return async (stage) => {
    const { args, stdin } = OPERATIONS.find((each) => each.op === op)?.call(
      `${stage.prefix}-whole`,
      chanceOf("whole"),
    ) ?? { args: [] };
    const bytes = await stage.wire.through(HARMLESS, async (KUBECONFIG, port) => {
      await stage.ground.call({ op, args, ...(stdin && { stdin }), env: { KUBECONFIG } });
      return Math.max(...port.passed.connections.map(({ answer }) => answer));
    });
    const cuts = Array.from(
      { length: CUTS },
      (_, index): WireFault => ({ ...CUT, atByte: bytes - 1 - index * CUT_STEP }),
    );
    return await wired(op, ...cuts)(stage);
  };
}

/** The cases by name; the suites have the same, many times over. */
export const CASES = {
  "fuzzed execs": async ({ ground, server }) => (await fuzzedExecs({ server, path: ground.executable }, 150)).problems,
  "fuzzed lists": async ({ ground, server }) =>
    (await fuzzedAnswers({ server, path: ground.executable }, "list", 100)).problems,
  "fuzzed watches": async ({ ground, server }) =>
    (await fuzzedAnswers({ server, path: ground.executable }, "watch", 60)).problems,
  "start without a fault": wired("start", HARMLESS),
  "is-running × 409": wired("is-running", answering(409, "Conflict")),
  "process-alive × 500": wired("process-alive", answering(500, "InternalError")),
  "list-running × 409": wired("list-running", answering(409, "Conflict")),
  "is-running × 404 of a node": wired("is-running", answering(404, "NotFound", { ofKind: "nodes" })),
  // The exec and the GET that asks why it was refused; what deletes comes after them.
  "start, live × 403 of the exec": wired(
    "start, live",
    answering(403, "Forbidden", { requests: { from: 2, count: 2 } }),
  ),
  "nudge without a fault": wired("nudge", HARMLESS),
  "exec × answers cut at their end": cut("exec"),
  "nudge × answers cut at their end": cut("nudge"),
  "send-keys × answers cut at their end": cut("send-keys"),

  async "stop while the pod is replaced"({ ground, wire, prefix }) {
    const session = `${prefix}-replaced`;
    await ground.ok("start", [session], CONFIG);
    const hold: WireFault = answering(0, "", { kind: "hold", requests: "first" });
    return await wire.through(hold, async (kubeconfig, port) => {
      const stopping = ground.call({ op: "stop", args: [session], env: { KUBECONFIG: kubeconfig } });
      await port.held;
      await ground.kubectl("delete", "pods", "-l", `gc-session=${session}`, "--grace-period=1");
      await ground.ok("start", [session], CONFIG);
      const fresh = await ground.podOf(session);
      port.release();
      await stopping;
      const isThere = fresh !== "" && (await ground.podOf(session)) === fresh;
      // It may go between two looks; one that is there and stays has nothing after its name.
      const ifThere = ["--ignore-not-found", "-o", "jsonpath={.metadata.name} {.metadata.deletionTimestamp}"];
      const seen = isThere ? await ground.kubectl("get", "pod", fresh, ...ifThere) : "";
      return fresh !== "" && seen.trim() === fresh ? [] : ["a stop deleted a pod that it had not seen"];
    });
  },

  async "get-meta beside a session main2"({ ground, prefix }) {
    const session = `${prefix}-renamed`;
    await ground.ok("start", [session], CONFIG);
    await ground.ok("set-meta", [session, META_KEY], META_VALUE);
    await ground.inBox(session, "tmux new-session -d -s main2; tmux rename-session -t =main elsewhere");
    const { exit, stdout } = await ground.call({ op: "get-meta", args: [session, META_KEY] });
    return exit === 0 && stdout.toString() !== META_VALUE ? ["get-meta answers for another tmux session"] : [];
  },

  async "copy-from without a work directory"({ ground, prefix }) {
    const session = `${prefix}-homeless`;
    await ground.ok("start", [session], CONFIG);
    await ground.inBox(session, "rm /run/gc/cwd");
    const { exit } = await ground.call({ op: "copy-from", args: [session, "/etc/hostname"] });
    return exit === 1 ? [] : [`copy-from ended with ${exit}`];
  },

  async "odd texts"({ ground, prefix }) {
    const texts = ["-x", "ends with;", "two\nlines", "é 日本", "trailing newline\n"].map(
      (text) => `<${prefix}>${text}`,
    );
    for (const text of texts) await ground.call({ op: "nudge", args: [LIVE.typed], stdin: text });
    const read = await ground.inBox(LIVE.typed, "cat /tmp/read");
    return texts.filter((text) => !read.includes(`${text}\r`)).map((text) => `not typed: ${JSON.stringify(text)}`);
  },

  async "429 with Retry-After"({ ground, wire }) {
    const busy = answering(429, "TooManyRequests", { requests: { from: 0, count: 2 }, retryAfterSeconds: 1 });
    const args = [LIVE.main];
    const { ms, exit } = await wire.through(busy, (KUBECONFIG) =>
      ground.call({ op: "is-running", args, env: { KUBECONFIG } }),
    );
    return exit === 0 && ms >= 2_000 ? [] : [`ended with ${exit} after ${Math.round(ms)} ms`];
  },

  async "copy-to cut midway"({ ground, wire, prefix }) {
    const found: string[] = [];
    const source = join(ground.env["HOME"] ?? "", "to-be-cut");
    writeFileSync(source, Buffer.alloc(1_000_000, "0123456789"));
    for (const atByte of [9_000, 40_000, 90_000, 300_000]) {
      const name = `${prefix}-cut-${atByte}`;
      const cut: WireFault = { wire: "tcp", kind: "close", direction: "request", atByte, connections: "all", ms: 0 };
      const args = [LIVE.main, source, name];
      await wire.through(cut, (KUBECONFIG) => ground.call({ op: "copy-to", args, env: { KUBECONFIG } }));
      const inPlace = await ground.inBox(LIVE.main, `ls -d "/workspace/${name}" 2>/dev/null || :`);
      if (inPlace !== "") found.push(`after a cut at byte ${atByte} there is a part of the file`);
    }
    return found;
  },

  "hostile paths": ({ ground }) => hostile(ground, "a path that leads out", 20),
  "hostile commands": ({ ground }) => hostile(ground, "an agent's command", 20),

  async "start interrupted"({ ground, prefix }) {
    const session = `${prefix}-interrupted`;
    const call = ground.begin({ op: "start", args: [session], stdin: CONFIG });
    await until(async () => (await ground.podOf(session)) !== "");
    call.signal("SIGINT");
    await call.done;
    const isGone = until(async () => (await ground.podOf(session)) === "", 5_000);
    return await isGone.then(
      () => [],
      () => ["the pod of an interrupted start is still there"],
    );
  },
} satisfies Record<string, Case>;

/** Name of a case. */
export type CaseName = keyof typeof CASES;

async function hostile(ground: Ground, what: string, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let index = 0; index < count; index++) found.push(...(await hostileProblems(ground, what, index)));
  return found;
}
