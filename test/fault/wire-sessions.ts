import { type Ground, RAW_READER } from "./fault-ground.ts";

/** Sessions that live through all runs; each kind of effect has one of its own. */
export const LIVE = {
  main: "live-main",
  typed: "live-typed",
  pressed: "live-pressed",
  interrupted: "live-interrupted",
  scrolled: "live-scrolled",
};

/** A value whose answer is long enough to be cut anywhere. */
export const META_KEY = "known-key";
export const META_VALUE = "0123456789abcdef".repeat(640);
/** A file of the main session, and what it holds. */
export const READ_FILE = "/workspace/known.bin";
const PATTERN = "0123456789abcde\n";
const PATTERNS = 12_800;
/** Keys that the main session has for `remove-meta` to forget. */
const KEYS = 300;

/** Content of the file to be read. */
export function readFileContent(): Buffer {
  return Buffer.from(PATTERN.repeat(PATTERNS));
}

/** An agent that scrolls whenever it is told to, so that there is something to clear. */
const SCROLLER = "while read -r _; do seq 200; done";

/** Name of the key that the run of that number is to remove. */
export function keyToRemove(id: string): string {
  return `k-${Number(/\d+$/.exec(id)?.[0] ?? 0) % KEYS}`;
}

/** Starts the sessions, without any fault. */
export async function startLiveSessions(ground: Ground): Promise<void> {
  for (const session of Object.values(LIVE)) {
    const command = session === LIVE.scrolled ? SCROLLER : RAW_READER;
    await ground.ok("start", [session], JSON.stringify({ command }));
  }
  await ground.ok("set-meta", [LIVE.main, META_KEY], META_VALUE);
  const files = `mkdir -p /workspace/wire; i=0; while [ $i -lt ${PATTERNS} ]; do echo 0123456789abcde; i=$((i + 1)); done >${READ_FILE}`;
  const keys = `i=0; while [ $i -lt ${KEYS} ]; do tmux set-environment -t =main k-$i here; i=$((i + 1)); done`;
  await ground.inBox(LIVE.main, `${files}; ${keys}`);
}
