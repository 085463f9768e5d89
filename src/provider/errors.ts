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
  constructor(
    readonly signalName: "SIGINT" | "SIGTERM" | "SIGHUP",
    phase?: string,
  ) {
    super(`ended by ${signalName}${inPhase(phase)}`);
  }
}

/** Reason of the abort signal when the operation's time is over. */
export class DeadlineError extends Error {
  override name = "DeadlineError";
  constructor(
    readonly deadlineMs: number,
    phase?: string,
  ) {
    super(`no result in ${deadlineMs / 1000} s${inPhase(phase)}`);
  }
}

/** What the operation was about when it was ended, by its name in the operation log. */
function inPhase(phase: string | undefined): string {
  return phase === undefined ? "" : `, in its phase "${phase}"`;
}

/** Phrases by which gc recognises facts, each with words that mean the same to people only. None of these words is
 * part of a phrase: with what stands around them they could make one again. */
const PHRASES: [RegExp, string][] = [
  [/already exists/gi, "is present"],
  [/no tmux server running/gi, "tmux server is down"],
  [/not running/gi, "down"],
  [/not found/gi, "absent"],
  [/no issue found/gi, "issue is absent"],
];

/** What only a mistake in this program throws: whatever comes from outside is looked at where it comes in, and refused
 * with an error of its own. */
const MISTAKES = [TypeError, RangeError, ReferenceError, SyntaxError, URIError];

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || error.name;
  return MISTAKES.some((mistake) => error instanceof mistake) ? `internal error: ${error.name}: ${message}` : message;
}

/** Text for stderr: one line, without control characters, and without a phrase that gc would take for a fact. */
export function errorLine(error: unknown, operation = ""): string {
  const message = messageOf(error);
  const text = operation ? `${operation}: ${message}` : message;
  // One line first: a phrase may stand across a line break.
  let line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
  if (!(error instanceof FactError)) for (const [phrase, words] of PHRASES) line = line.replace(phrase, words);
  return line.length > 2000 ? `${line.slice(0, 1999)}…` : line;
}
