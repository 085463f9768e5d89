import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../conformance/until.ts";
import type { Answer } from "../support/gc/provider-process.ts";
import { chanceOf } from "./chance.ts";
import { type Ground, ownExecutable } from "./fault-ground.ts";
import type { Done, WireOperation } from "./wire-operations.ts";
import { LIVE } from "./wire-sessions.ts";

/** 110 s, and 8 s to remove what a failed start has made: gc kills after 120 s. */
const START_MS = 118_000;
/** A box that nobody owns ends itself within this time. */
const BOX_ENDS_MS = 45_000;
const COMMAND = "exec sleep 600";
/** What every start brings along, so that its stream is long enough to be cut. */
const STAGED = chanceOf("staged").bytes(200_000);
const STAGED_SHA256 = new Bun.CryptoHasher("sha256").update(STAGED).digest("hex");

interface ListedPod {
  metadata: { name: string; uid: string; annotations?: Record<string, string>; deletionTimestamp?: string };
  spec: { containers: { image: string }[] };
  status?: { phase?: string };
}

/** Operations that make or remove a pod, each on a session of its own. */
export const POD_OPERATIONS: WireOperation[] = [
  making("start", "gc-launched"),
  making("provision", "gc-provisioned"),
  {
    op: "start",
    title: "start, live",
    deadlineMs: START_MS,
    exit: 1,
    says: /already exists/,
    before: async (ground) => JSON.stringify(await uids(ground, LIVE.kept)),
    call: () => ({ args: [LIVE.kept], stdin: config() }),
    async lie(ground, _, { exit }, before) {
      const now = await podsOf(ground, LIVE.kept);
      if (now.some(({ metadata }) => metadata.deletionTimestamp)) return "the live session's pod was deleted";
      const same = JSON.stringify(now.map(({ metadata }) => metadata.uid));
      if (now.length !== 1 || same !== before) return `the live session's pods were ${before} and are ${same}`;
      return exit === 0 ? "starts a session that is live" : undefined;
    },
  },
  {
    op: "stop",
    deadlineMs: 27_000,
    isRare: true,
    before: (ground, id) =>
      ground.under(ownExecutable()).ok("start", [`s-${id}`], JSON.stringify({ command: COMMAND })),
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
    exit: 1,
    isRare: true,
    isSlow: true,
    call: (id) => ({ args: [imageOf(id)] }),
    lie: (_, __, { exit }) => (exit === 0 ? "finds an image that is not there" : undefined),
    settle: (ground, runs) =>
      leftovers(ground, runs, ({ spec }, id) => spec.containers.some(({ image }) => image === imageOf(id))),
  },
];

function making(op: string, mark: string): WireOperation {
  return {
    op,
    deadlineMs: START_MS,
    isRare: true,
    call: (id) => ({ args: [`s-${id}`], stdin: config() }),
    lie: async (ground, id, { exit }) => (exit === 0 ? await notCommitted(ground, `s-${id}`, mark) : undefined),
    after: removePod,
    settle: (ground, runs) =>
      leftovers(ground, runs, ({ metadata }, id) => metadata.annotations?.["gc-session-name"] === `s-${id}`),
  };
}

function imageOf(id: string): string {
  return `absent-${id}:none`;
}

function config(): string {
  const folder = join(tmpdir(), `wire-${process.pid}`);
  const src = join(folder, "staged.bin");
  mkdirSync(folder, { recursive: true });
  writeFileSync(src, STAGED);
  return JSON.stringify({ command: COMMAND, copy_files: [{ src, rel_dst: "staged.bin" }] });
}

/** Why the session's box is not what a success claims. */
async function notCommitted(ground: Ground, session: string, mark: string): Promise<string | undefined> {
  const [pod, ...more] = await podsOf(ground, session);
  if (!pod || more.length > 0) return `there are ${more.length + (pod ? 1 : 0)} pods`;
  if (pod.status?.phase !== "Running" || !pod.metadata.annotations?.[mark]) return "its pod is not marked and running";
  const look = "ls /run/gc/committed 2>&1; sha256sum </workspace/staged.bin";
  const [committed, sum] = (await ground.inBox(session, look).catch(String)).split("\n");
  if (committed !== "/run/gc/committed") return `its launch is not committed: ${committed}`;
  return sum?.startsWith(STAGED_SHA256) ? undefined : "its files are not in place";
}

/** Not by the executable, which is under test. */
async function removePod(ground: Ground, id: string, { exit, call }: Answer): Promise<void> {
  if (exit === 0 || call.op === "stop")
    await ground.kubectl("delete", "pods", "-l", `gc-session=s-${id}`, "--wait=false", "--grace-period=1");
}

/** What failed leaves nothing that lives, unless it has said so. */
async function leftovers(
  ground: Ground,
  runs: Done[],
  isOf: (pod: ListedPod, id: string) => boolean,
): Promise<{ id: string; text: string }[]> {
  const failed = runs.filter(({ answer: { exit, stderr } }) => exit !== 0 && !/could not be removed/.test(stderr));
  let left = failed;
  const isNothingLeft = async () => {
    const alive = (await pods(ground)).filter(({ status }) => /Running|Pending/.test(status?.phase ?? ""));
    left = failed.filter(({ id }) => alive.some((pod) => isOf(pod, id)));
    return left.length === 0;
  };
  await until(isNothingLeft, BOX_ENDS_MS).catch(() => undefined);
  return left.map(({ id }) => ({ id, text: "failed, and its pod lives on" }));
}

async function uids(ground: Ground, session: string): Promise<string[]> {
  return (await podsOf(ground, session)).map(({ metadata }) => metadata.uid);
}

function podsOf(ground: Ground, session: string): Promise<ListedPod[]> {
  return pods(ground, "-l", `gc-session=${session}`);
}

async function pods(ground: Ground, ...selector: string[]): Promise<ListedPod[]> {
  const text = await ground.kubectl("get", "pods", ...selector, "-o", "json");
  return (JSON.parse(text) as { items: ListedPod[] }).items;
}
