import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../conformance/until.ts";
import type { PodRecord } from "../support/gc/pod-history.ts";

/** A phase of a start that lasts because the configuration makes it last. */
export interface Phase {
  name: string;
  config: object;
  /** Resolves once the start is in it. */
  reached(pods: () => PodRecord[]): Promise<void>;
  /** The launch is committed: a killed start leaves a session that runs. */
  isCommitted: boolean;
  /** The start may have succeeded before the signal reaches it. */
  isLast?: boolean;
}

const COMMAND = "exec sleep 300";
const START_MS = 30_000;
/** A hint about the agent makes gc's start look for 3 s whether it lives on. */
const SETTLE_MS = 3_000;

function before(name: string, config: object, phase: string, ms: number): Phase {
  return {
    name,
    config: { command: COMMAND, ...config },
    isCommitted: false,
    async reached(pods) {
      await until(() => pods().some((pod) => pod.phase === phase), START_MS);
      await Bun.sleep(ms);
    },
  };
}

function after(name: string, config: object, ms: number): Phase {
  return {
    name,
    config: { command: COMMAND, ...config },
    isCommitted: true,
    async reached(pods) {
      await until(() => pods().some(({ launchedAtMs }) => launchedAtMs !== undefined), START_MS);
      await Bun.sleep(ms);
    },
  };
}

/** A directory whose staging takes seconds: a file that is all hole costs nothing here. */
const staged = mkdtempSync(join(tmpdir(), "signals-staged-"));
const large = join(staged, "large");
writeFileSync(large, "");
truncateSync(large, 1024 ** 3);

/** Removes what a phase stages. */
export function removeStaged(): void {
  rmSync(staged, { recursive: true });
}

/** Phases in the order of a start; those between two requests are held by a proxy instead. */
export const PHASES: Phase[] = [
  before("the pod waits for its container", {}, "Pending", 0),
  before("commands before the agent run", { pre_start: ["sleep 5"] }, "Running", 700),
  before("files are staged", { overlay_dir: staged }, "Running", 700),
  { ...after("the launch is being committed", {}, 0), isLast: true },
  after("set-up commands run", { session_setup: ["sleep 5"] }, 700),
  after("it looks whether the agent lives on", { process_names: ["sleep"] }, SETTLE_MS / 2),
  after("it waits for the agent's prompt", { ready_prompt_prefix: "> ", nudge: "hello" }, SETTLE_MS + 1_500),
  // A longer delay is the box's to wait for.
  after("it waits before the first text", { ready_delay_ms: 2_900, nudge: "hello" }, SETTLE_MS + 1_000),
];
