/** The caller asked for something that no retry can make right: arguments, settings or the start configuration. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The name asked for is no operation of the program; gc reads its exit code 2 as "not implemented". */
export class UnknownOperationError extends Error {
  override name = "UnknownOperationError";
}

/** The operation could not do what was asked; the message says why and what to do. */
export class OperationError extends Error {
  override name = "OperationError";
}

/** The only errors whose text may hold the words that gc acts on (`already exists`, `not found`). */
export class FactError extends Error {
  override name = "FactError";
}

/** Reason of the abort signal when the process was told to end. */
export class InterruptedError extends Error {
  override name = "InterruptedError";
  constructor(readonly signalName: "SIGINT" | "SIGTERM" | "SIGHUP") {
    super(`ended by ${signalName}`);
  }
}

/** Reason of the abort signal when the operation's time is over. */
export class DeadlineError extends Error {
  override name = "DeadlineError";
  constructor(readonly deadlineMs: number) {
    super(`no result in ${deadlineMs / 1000} s`);
  }
}

/** Phrases by which gc recognises facts, each with the words that mean the same to people only. */
const PHRASES: [RegExp, string][] = [
  [/already exists/gi, "exists"],
  [/no tmux server running/gi, "no tmux server"],
  [/not running/gi, "not up"],
  [/not found/gi, "absent"],
  [/no issue found/gi, "no issue"],
];

/** Text for stderr: one line, without control characters, and without a phrase that gc would take for a fact. */
export function errorLine(error: unknown): string {
  let text = error instanceof Error ? error.message || error.name : String(error);
  if (!(error instanceof FactError)) for (const [phrase, words] of PHRASES) text = text.replace(phrase, words);
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
  return line.length > 2000 ? `${line.slice(0, 1999)}…` : line;
}
