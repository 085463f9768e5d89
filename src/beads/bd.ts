import { sleep } from "../kube/retry.ts";
import { DeadlineError, OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS } from "../provider/operation.ts";
import { type BdFailure, bdFailure, isEmptyFallback } from "./bd-errors.ts";
import type { City } from "./city.ts";
import { ensureRunner } from "./ensure-runner.ts";
import { execInRunner, type ScriptEnd } from "./runner-exec.ts";

/** What bd came to: its output, or why it failed for good. */
export type BdAnswer = { stdout: string } | { failure: BdFailure };

/** A script with bd in it, and how it may be repeated. */
export interface BdScript {
  city: City;
  /** Prefix of its scope; "" = none. */
  scope: string;
  /** What is attempted, for errors: `close bead "tc-1"`. */
  what: string;
  /** Shell text; `attempt` counts from 0, so that a repetition can look first for what was done already.
   * undefined = it must not be repeated once it may have begun. `isUndone`: none of those before has changed anything. */
  body: (attempt: number, isUndone: boolean) => string | undefined;
  /** Sets the scope up in a runner that does not have it. */
  attach?: () => Promise<void>;
  /** What to tell when its time is over before anything is known to have failed. */
  late?: string;
  /** The operation's own time limit. */
  deadlineMs?: number;
}

/** Time kept back for telling what went wrong. */
const RESERVE_MS = 700;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** Runs bd in the city's runner by one exec. Makes the runner and sets the scope up where they are missing; repeats what
 * failed for reasons that pass, within the operation's time, and only what may be repeated. */
export async function runBd(context: Context, script: BdScript): Promise<BdAnswer> {
  const attempts = new Attempts(context, script);
  for (;;) {
    const body = script.body(attempts.begun, attempts.isUndone);
    if (body === undefined) throw attempts.error();
    context.log.phase("exec");
    const { city, scope } = script;
    const end = await execInRunner(context, { city, scope, body }, attempts.leftMs()).catch(attempts.explain);
    if (end.state === "ended") {
      const answer = answerOf(end, script.what);
      if ("stdout" in answer || answer.failure.kind !== "transient") return answer;
      attempts.isUndone &&= answer.failure.isUndone;
      await attempts.failed(answer.failure.text);
    } else if (end.state === "unknown") {
      attempts.isUndone = false;
      await attempts.failed(end.error.message);
      // A node that is lost answers no exec, and its pod has to be replaced.
      await ensureRunner(context, city).catch(attempts.explain);
    } else {
      await attempts.missed(end.state === "no runner" ? `pod "${city.pod}" does not run` : NO_STORE);
      await prepare(context, script, end).catch(attempts.explain);
    }
  }
}

const NO_STORE = "its store is not set up in the beads runner";

/** Makes right what the script did not find; it has not begun. */
async function prepare(context: Context, script: BdScript, end: ScriptEnd): Promise<void> {
  if (end.state === "no runner") {
    await ensureRunner(context, script.city);
    return;
  }
  if (!script.attach) throw new OperationError(`Cannot ${script.what}: ${NO_STORE}`);
  context.log.phase("attach");
  await script.attach();
}

function answerOf(end: { exit: number; stdout: string; stderr: string }, what: string): BdAnswer {
  if (isEmptyFallback(end.stderr))
    throw new OperationError(`Cannot ${what}: bd fell back to an empty database: ${end.stderr.trim().slice(0, 300)}`);
  return end.exit === 0 ? { stdout: end.stdout } : { failure: bdFailure(end.exit, end.stdout, end.stderr) };
}

/** Counts attempts, keeps the last reason for another one, and tells it when the time is over. */
class Attempts {
  begun = 0;
  isUndone = true;
  readonly #missed: string[] = [];
  #reason = "";
  readonly #context: Context;
  readonly #script: BdScript;

  constructor(context: Context, script: BdScript) {
    this.#context = context;
    this.#script = script;
  }

  leftMs(): number {
    return (this.#script.deadlineMs ?? DRIVE_DEADLINE_MS) - performance.now() - RESERVE_MS;
  }

  /** What was attempted may or may not have been done. */
  async failed(reason: string): Promise<void> {
    this.#reason = reason;
    await this.#pause(this.begun++);
  }

  /** It has not begun, because something was not there; what is missed for the first time is made at once. */
  async missed(reason: string): Promise<void> {
    const isNew = !this.#missed.includes(reason);
    this.#missed.push(reason);
    if (isNew) return;
    this.#reason = reason;
    await this.#pause(this.#missed.length);
  }

  async #pause(before: number): Promise<void> {
    const ceilingMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** before);
    if (this.leftMs() < ceilingMs) throw this.error();
    await sleep(ceilingMs * (0.5 + Math.random() / 2), this.#context.signal).catch(this.explain);
    this.#context.client().counts.retries++;
  }

  /** A deadline alone does not say what took so long. */
  explain = (error: unknown): never => {
    if (error instanceof DeadlineError && (this.#reason || this.#script.late)) throw this.error();
    throw error;
  };

  error(): OperationError {
    return new OperationError(`Cannot ${this.#script.what}: ${this.#reason || this.#script.late}`);
  }
}
