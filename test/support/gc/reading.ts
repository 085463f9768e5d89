import type { Answer } from "./provider-process.ts";

/** What gc takes an answer for. */
export interface Reading {
  /** Standard output without its trailing newlines; "" for an operation that is not implemented. */
  value: string;
  /** False after exit code 2, which gc takes for a success without a value. */
  isImplemented: boolean;
}

/** Words by which gc takes a failure for "there is no such session (any more)". */
const GONE = ["session not found", "not running", "not found", "no tmux server running"];

/** A call that gc takes for failed; what it acts on is found in the text alone. */
export class ProviderError extends Error {
  override name = "ProviderError";
  /** gc takes it for "the session exists already". */
  readonly isExists: boolean;
  /** gc takes it for "the session is gone". */
  readonly isGone: boolean;

  constructor(
    readonly answer: Answer,
    cause: string,
  ) {
    const { executable, op, args } = answer.call;
    super(`exec provider ${executable} ${[op, ...args].join(" ")}: ${cause}`);
    this.isExists = op === "start" && /already exists/i.test(answer.stderr);
    this.isGone = GONE.some((phrase) => cause.includes(phrase));
  }
}

/** Reads an answer as gc does; throws `ProviderError` for what gc takes for a failure. */
export function readAnswer(answer: Answer): Reading {
  if (answer.cancelled) throw new ProviderError(answer, answer.cancelled);
  if (answer.exit === 0) return { value: answer.stdout.toString().replace(/\n+$/, ""), isImplemented: true };
  if (answer.exit === 2) return { value: "", isImplemented: false };
  const status = answer.signal ? `signal: ${answer.signal}` : `exit status ${answer.exit}`;
  throw new ProviderError(answer, answer.stderr.trim() || status);
}
