import boxScript from "./box.sh" with { type: "text" };

/** Version of `box.sh`, in each pod's annotations. There has been no other, so no client has to look at it yet; the one
 * that comes after it has to drive boxes of both. */
export const BOX_VERSION = 1;

/** Directory in a box (a volume in memory) that holds everything of the session that is not the agent's work. */
export const RUN_DIR = "/run/gc";

/** Root of the city in a box. */
export const WORKSPACE = "/workspace";

/** A box in which no launch has begun ends itself after this time. */
const LAUNCH_WITHIN_SECONDS = 20;
/** A launch whose client does not commit it is undone after this time. */
const COMMIT_WITHIN_SECONDS = 15;

/** Command of the box's container: the fixed script, no data of the session. */
export function boxCommand(): string[] {
  return ["/bin/sh", "-c", boxScript, "gc-box", String(LAUNCH_WITHIN_SECONDS), String(COMMIT_WITHIN_SECONDS)];
}
