import { until } from "../conformance/until.ts";
import type { Answer } from "../support/gc/provider-process.ts";
import { type Ground, RAW_READER } from "./fault-ground.ts";
import { OPERATIONS } from "./wire-operations.ts";

/** Session that all runs share. */
export const LIVE = "live";

/** An operation, and how to see whether its success is true. */
export interface Kind {
  op: string;
  call(id: string): { args: string[]; stdin?: string };
  before?(ground: Ground, id: string): Promise<unknown>;
  /** Says why a success is a lie; undefined = it is none. */
  lie(ground: Ground, id: string, answer: Answer): Promise<string | undefined>;
  /** Takes away what the call may have left. */
  after?(ground: Ground, id: string): Promise<unknown>;
}

const says =
  (...wanted: string[]) =>
  async (_: Ground, __: string, { stdout }: Answer) =>
    wanted.some((text) => stdout.includes(text)) ? undefined : saying(stdout);
const saying = (stdout: Buffer) => `it said ${JSON.stringify(stdout.toString().slice(0, 60))}`;
const unless = (holds: boolean, lie: string) => (holds ? undefined : lie);
const stop = (ground: Ground, id: string) => ground.ok("stop", [id]);
const ownText = () => Bun.file(import.meta.path).text();

/** What can be asked of a session that lives on. */
export const KINDS: Kind[] = [
  { op: "is-running", call: () => ({ args: [LIVE] }), lie: says("true\n") },
  { op: "list-running", call: () => ({ args: [LIVE] }), lie: says(`${LIVE}\n`) },
  { op: "peek", call: () => ({ args: [LIVE, "5"] }), lie: says("ready") },
  { op: "get-meta", call: () => ({ args: [LIVE, "known"] }), lie: says("value") },
  { op: "process-alive", call: () => ({ args: [LIVE], stdin: "python3" }), lie: judgedAsOnTheWire("process-alive") },
  { op: "get-last-activity", call: () => ({ args: [LIVE] }), lie: judgedAsOnTheWire("get-last-activity") },
  { op: "is-attached", call: () => ({ args: [LIVE] }), lie: judgedAsOnTheWire("is-attached") },
  {
    op: "set-meta",
    call: (id) => ({ args: [LIVE, id], stdin: id }),
    lie: async (ground, id) => unless((await ground.ok("get-meta", [LIVE, id])) === id, "the value is not there"),
  },
  {
    op: "remove-meta",
    before: (ground, id) => ground.ok("set-meta", [LIVE, id], "here"),
    call: (id) => ({ args: [LIVE, id] }),
    async lie(ground, id) {
      const environment = await ground.inBox(LIVE, "tmux show-environment -t =main");
      return unless(!`\n${environment}`.includes(`\n${id}=`), "the value is still there");
    },
  },
  { op: "nudge", call: (id) => ({ args: [LIVE], stdin: `<${id}>` }), lie: notTypedOnce },
  { op: "send-keys", call: (id) => ({ args: [LIVE, `<${id}>`] }), lie: notTypedOnce },
  {
    op: "interrupt",
    before: (ground, id) => startedOnceWell(ground, id, RAW_READER),
    call: (id) => ({ args: [id] }),
    lie: async (ground, id) => unless((await ground.inBox(id, "cat /tmp/read")) === "\x03", "it was not pressed once"),
    after: stop,
  },
  {
    op: "exec",
    call: (id) => ({ args: [LIVE], stdin: `echo ${id}; echo ${id} >>/tmp/ran` }),
    async lie(ground, id, { stdout }) {
      const ran = (await ground.inBox(LIVE, "cat /tmp/ran")).split("\n").filter((line) => line === id);
      return (
        unless(ran.length === 1, `it ran ${ran.length} times`) ?? unless(`${stdout}` === `${id}\n`, saying(stdout))
      );
    },
  },
  {
    op: "copy-to",
    call: (id) => ({ args: [LIVE, import.meta.path, id] }),
    lie: async (ground, id) =>
      unless((await ground.inBox(LIVE, `cat /workspace/${id}`)) === (await ownText()), "the file differs"),
  },
  {
    op: "copy-from",
    call: () => ({ args: [LIVE, "/workspace/known"] }),
    lie: async (_, __, { stdout }) => unless(`${stdout}` === (await ownText()), "the file differs"),
  },
  {
    op: "start",
    call: (id) => ({ args: [id], stdin: JSON.stringify({ command: "sleep 600" }) }),
    lie: async (ground, id) => unless((await ground.ok("is-running", [id])) === "true\n", "it does not run"),
    after: stop,
  },
  {
    op: "stop",
    before: (ground, id) => startedOnceWell(ground, id),
    call: (id) => ({ args: [id] }),
    lie: async (ground, id) => unless((await ground.podOf(id)) === "", "its pod is there"),
    after: stop,
  },
];

/** What can be asked of a session of its own that is killed meanwhile: it has not ended, or has ended, and each has its
 * answers. Ids begin with the session's name and a dot. */
export const DYING_KINDS: Kind[] = [
  { op: "is-running", call: (id) => ({ args: [victimOf(id)] }), lie: says("true\n", "false\n") },
  // A screen goes with its tmux; then the log holds what tmux's own client said of that.
  {
    op: "peek",
    call: (id) => ({ args: [victimOf(id), "5"] }),
    lie: oneOf(/ready/, /server exited unexpectedly/, /^$/),
  },
  { op: "get-meta", call: (id) => ({ args: [victimOf(id), "known"] }), lie: oneOf(/^value$/, /^$/) },
  {
    op: "process-alive",
    call: (id) => ({ args: [victimOf(id)], stdin: "python3" }),
    lie: oneOf(/^true\n$/, /^false\n$/, /^$/),
  },
  // Whether it was typed before the end cannot be seen any more; an ended session is no error to it.
  { op: "nudge", call: (id) => ({ args: [victimOf(id)], stdin: `<${id}>` }), lie: oneOf(/^$/) },
  {
    op: "exec",
    call: (id) => ({ args: [victimOf(id)], stdin: `echo ${id}` }),
    lie: async (_, id, { stdout }) => unless(`${stdout}` === `${id}\n`, saying(stdout)),
  },
  {
    op: "copy-from",
    call: (id) => ({ args: [victimOf(id), "/workspace/known"] }),
    lie: async (_, __, { stdout }) => unless(`${stdout}` === (await ownText()), "the file differs"),
  },
  {
    op: "copy-to",
    call: (id) => ({ args: [victimOf(id), import.meta.path, id] }),
    // Whether the file was there before the end cannot be seen any more.
    lie: async () => undefined,
  },
];

/** Starts a session whose terminal is read, with metadata and a file that are known. */
export async function startKnown(ground: Ground, session: string): Promise<void> {
  await startedOnceWell(ground, session, RAW_READER);
  await ground.ok("set-meta", [session, "known"], "value");
  await ground.ok("copy-to", [session, import.meta.path, "known"]);
}

function victimOf(id: string): string {
  return id.split(".")[0] ?? "";
}

/** The session is of the same kind there: python3 reads its terminal, this process has started it, nobody is attached. */
function judgedAsOnTheWire(op: string): Kind["lie"] {
  return async (ground, id, answer) => {
    const judge = OPERATIONS.find((each) => each.op === op)?.lie;
    if (!judge) throw new Error(`Cannot judge ${op}: the wire suite does not`);
    return await judge(ground, id, answer, "");
  };
}

async function notTypedOnce(ground: Ground, id: string): Promise<string | undefined> {
  const times = (await ground.inBox(LIVE, "cat /tmp/read")).split(`<${id}>`).length - 1;
  return unless(times === 1, `it was typed ${times} times`);
}

function oneOf(...patterns: RegExp[]): Kind["lie"] {
  return async (_, __, { stdout }) =>
    unless(
      patterns.some((pattern) => pattern.test(`${stdout}`)),
      saying(stdout),
    );
}

/** Scheduler and kubelet need a moment after a fault before they take pods again. */
export async function startedOnceWell(ground: Ground, id: string, command = "sleep 600"): Promise<void> {
  const call = { op: "start", args: [id], stdin: JSON.stringify({ command }) };
  await until(async () => (await ground.call(call)).exit === 0, 90_000);
  if (command === RAW_READER) await until(async () => (await ground.ok("peek", [id, "5"])).includes("ready"), 30_000);
}
