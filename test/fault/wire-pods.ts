import { until } from "../conformance/until.ts";
import type { Answer } from "../support/gc/provider-process.ts";
import type { Ground } from "./fault-ground.ts";
import type { Done, WireOperation } from "./wire-operations.ts";

/** 110 s, and 8 s to remove what a failed start has made: gc kills after 120 s. */
const START_MS = 118_000;
const CONFIG = JSON.stringify({ command: "exec sleep 600" });
/** A box that nobody owns ends itself within this time. */
const BOX_ENDS_MS = 45_000;

interface ListedPod {
  metadata: { name: string; annotations?: Record<string, string>; deletionTimestamp?: string };
  status?: { phase?: string };
}

/** Operations that make or remove a pod, each on a session of its own. */
export const POD_OPERATIONS: WireOperation[] = [
  {
    op: "start",
    deadlineMs: START_MS,
    isHeavy: true,
    call: (id) => ({ args: [`s-${id}`], stdin: CONFIG }),
    lie: async (ground, id, { exit }) =>
      exit === 0 ? await notCommitted(ground, `s-${id}`, "gc-launched") : undefined,
    after: removePod,
    settle: leftovers,
  },
  {
    op: "provision",
    deadlineMs: START_MS,
    isHeavy: true,
    call: (id) => ({ args: [`s-${id}`], stdin: CONFIG }),
    lie: async (ground, id, { exit }) =>
      exit === 0 ? await notCommitted(ground, `s-${id}`, "gc-provisioned") : undefined,
    after: removePod,
    settle: leftovers,
  },
  {
    op: "stop",
    deadlineMs: 27_000,
    isHeavy: true,
    before: (ground, id) => ground.ok("start", [`s-${id}`], CONFIG),
    call: (id) => ({ args: [`s-${id}`] }),
    async lie(ground, id, { exit }) {
      const left = exit === 0 ? await ground.podOf(`s-${id}`) : "";
      return left === "" ? undefined : `pod ${left} is still there`;
    },
    after: removePod,
  },
  {
    op: "check-image",
    deadlineMs: 27_000,
    isHeavy: true,
    isSlow: true,
    call: (id) => ({ args: [`absent-${id}:none`] }),
    lie: (_, __, { exit }) => (exit === 0 ? "finds an image that is not there" : undefined),
  },
];

/** Why the session's box is not what a success claims. */
async function notCommitted(ground: Ground, session: string, mark: string): Promise<string | undefined> {
  const [pod, ...more] = await pods(ground, session);
  if (!pod || more.length > 0) return `there are ${more.length + (pod ? 1 : 0)} pods`;
  if (pod.status?.phase !== "Running" || !pod.metadata.annotations?.[mark]) return "its pod is not marked and running";
  const committed = await ground.inBox(session, "ls /run/gc/committed 2>&1 || :").catch(String);
  return committed.trim() === "/run/gc/committed" ? undefined : "its launch is not committed";
}

/** Not by the executable, which is under test. */
async function removePod(ground: Ground, id: string, { exit, call }: Answer): Promise<void> {
  if (exit === 0 || call.op === "stop")
    await ground.kubectl("delete", "pods", "-l", `gc-session=s-${id}`, "--wait=false", "--grace-period=1");
}

/** A start that failed leaves nothing that lives, unless it has said so. */
async function leftovers(ground: Ground, runs: Done[]): Promise<{ id: string; text: string }[]> {
  const found: { id: string; text: string }[] = [];
  const isLeft = async ({ id }: Done) =>
    (await pods(ground, `s-${id}`)).some(({ status }) => status?.phase === "Running" || status?.phase === "Pending");
  const failed = runs.filter(({ answer }) => answer.exit !== 0 && !/could not be removed/.test(answer.stderr));
  for (const run of failed) {
    const isGone = await until(async () => !(await isLeft(run)), BOX_ENDS_MS).then(
      () => true,
      () => false,
    );
    if (!isGone) found.push({ id: run.id, text: "failed, and its pod lives on" });
  }
  return found;
}

async function pods(ground: Ground, session: string): Promise<ListedPod[]> {
  const text = await ground.kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "json");
  return (JSON.parse(text) as { items: ListedPod[] }).items;
}
