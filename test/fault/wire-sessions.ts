import { inParallel } from "./chance.ts";
import { type FaultyWire, faultyWire } from "./cluster-access.ts";
import { faultGround, type Ground, ownExecutable, RAW_READER } from "./fault-ground.ts";

/** Sessions that live through all runs; each kind of effect has one of its own. */
export const LIVE = {
  main: "live-main",
  typed: "live-typed",
  pressed: "live-pressed",
  /** Whoever starts it is to find it running, and to leave it so. */
  kept: "live-kept",
};
/** Sessions in each of which one run at a time has its effect, since only its order tells whose effect is whose. */
export const INTERRUPTED = ["live-interrupted-1", "live-interrupted-2", "live-interrupted-3"] as const;
export const SCROLLED = ["live-scrolled-1", "live-scrolled-2", "live-scrolled-3"] as const;
/** All of them, in the order of their names. */
export const LIVE_NAMES: string[] = [...Object.values(LIVE), ...INTERRUPTED, ...SCROLLED].sort();

/** A value whose answer is long enough to be cut anywhere. */
export const META_KEY = "known-key";
export const META_VALUE = "0123456789abcdef".repeat(640);
/** A file of the main session, and what it holds. */
export const READ_FILE = "/workspace/known.bin";
const PATTERN = "0123456789abcde\n";
const PATTERNS = 12_800;

/** Content of the file to be read. */
export function readFileContent(): Buffer {
  return Buffer.from(PATTERN.repeat(PATTERNS));
}

/** An agent that scrolls whenever it is told to, so that there is something to clear. */
const SCROLLER = "while read -r _; do seq 200; done";

/** One of the sessions, the same for the same run. */
export function oneOf(sessions: readonly [string, ...string[]], id: string): string {
  return sessions[Bun.hash.crc32(id) % sessions.length] ?? sessions[0];
}

/** Where calls under faults of the wire are made. */
export interface LiveGround {
  ground: Ground;
  wire: FaultyWire;
  remove(): Promise<void>;
}

/** Makes a ground of our own executable on which the sessions run. */
export async function liveGround(): Promise<LiveGround> {
  const ground = await faultGround(ownExecutable());
  const wire = await faultyWire(ground.kubeconfig);
  const remove = async () => {
    wire.close();
    await ground.remove();
  };
  try {
    await startLiveSessions(ground);
  } catch (error) {
    await remove();
    throw error;
  }
  return { ground, wire, remove };
}

/** Starts the sessions, without any fault. */
async function startLiveSessions(ground: Ground): Promise<void> {
  await inParallel(LIVE_NAMES, 3, async (session) => {
    const command = SCROLLED.some((each) => each === session) ? SCROLLER : RAW_READER;
    await ground.ok("start", [session], JSON.stringify({ command }));
  });
  await ground.ok("set-meta", [LIVE.main, META_KEY], META_VALUE);
  const files = `mkdir -p /workspace/wire; i=0; while [ $i -lt ${PATTERNS} ]; do echo 0123456789abcde; i=$((i + 1)); done >${READ_FILE}`;
  await ground.inBox(LIVE.main, files);
}
