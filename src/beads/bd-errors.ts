/** What a bd that failed says of why. */
export type BdFailure =
  /** The beads store is not to be reached, or could not do it now; unless it is `isUndone`, nothing says what was done. */
  | { kind: "transient"; text: string; isUndone: boolean }
  /** bd saw the store and a bead of that id is not in it; "" = the one that bd was asked for, which it does not name. */
  | { kind: "absent"; text: string; id: string }
  /** There is no such database on the server. */
  | { kind: "no database"; text: string }
  /** A migration of the database was cut short: no repetition mends that, only the making of the store anew. */
  | { kind: "half migrated"; text: string }
  | { kind: "refused"; text: string };

/** Dolt is away, is starting, or another transaction won; and the ways in which bd's own process is cut short. */
const TRANSIENT =
  /unreachable|connection refused|connection reset|broken pipe|bad connection|invalid connection|driver: |i\/o timeout|circuit breaker|serialization failure|Error (1213|1205)\b|\(40001\)|conflicts with a committed|try restarting transaction|failed to prepare catalog|deadline exceeded|timed out|context canceled|no such host|server misbehaving|too many connections|database is read.?only|failed to initialize schema|shutting down/i;

/** Written small it may be part of an id. */
const BROKEN_OFF = /\bEOF\b/;

/** bd did not get as far as to change something, or its transaction was taken back. */
const UNDONE =
  /^(Error: )?failed to open database|serialization failure|conflicts with a committed|try restarting transaction/im;

/** bd tells it as the failure of a schema. */
const HALF_MIGRATED = /pre-existing dirty tables/;

/** Exit codes of a bd that was ended from outside: `timeout`, SIGKILL, SIGTERM. */
const CUT_SHORT = new Set([124, 137, 143]);

/** One that is ambiguous is the beginning of several ids, and none itself: that one bd would take. */
const ABSENT = /no issues? found|issue \S+ not found|issue not found|ambiguous issue ID/i;

/** Reads why bd failed; its words stand on stdout (JSON) or on stderr. */
export function bdFailure(exit: number, stdout: string, stderr: string): BdFailure {
  // `must_exist` prints the id, and nothing else.
  if (exit === 44) return { kind: "absent", text: stdout, id: stdout };
  const text = wordsOf(stdout, stderr);
  if (/^\s*(Error: )?failed to open database: database "[^"]*" not found/m.test(text))
    return { kind: "no database", text };
  if (HALF_MIGRATED.test(text)) return { kind: "half migrated", text };
  if (CUT_SHORT.has(exit) || TRANSIENT.test(text) || BROKEN_OFF.test(text)) {
    const isUndone = !CUT_SHORT.has(exit) && UNDONE.test(text);
    return { kind: "transient", text: text || `bd ended with ${exit}`, isUndone };
  }
  if (ABSENT.test(text)) return { kind: "absent", text, id: absentId(text) };
  return { kind: "refused", text: text || `bd ended with ${exit} and said nothing` };
}

/** The whole id of the bead that is not there, where bd says it. */
function absentId(text: string): string {
  const [, quoted, bare] =
    /(?:no issue found matching|ambiguous issue ID:) \\?"([^"\\]+)|issue (?!not\b)"?([^\s":]+)"?:? not found/i.exec(
      text,
    ) ?? [];
  return quoted ?? bare ?? "";
}

/** bd falls back to a new, empty store where it finds none, and says so in passing. */
export function isEmptyFallback(stderr: string): boolean {
  return /auto-importing/i.test(stderr) && /into empty database/i.test(stderr);
}

function wordsOf(stdout: string, stderr: string): string {
  const json = [stdout, stderr].find((each) => each.includes('"error"'));
  const words = (json && errorsIn(json)) || stderr.trim() || stdout.trim();
  // What follows the first paragraph is advice for somebody at a terminal.
  return (words.split(/\n\s*\n/)[0] ?? "").slice(0, 600);
}

function errorsIn(text: string): string {
  try {
    // After one of several lines bd says it once more in words.
    const object = /^\{$.*?^\}$/ms.exec(text)?.[0] ?? text.slice(text.indexOf("{"));
    const body = JSON.parse(object) as { error?: unknown; failed?: { error?: unknown }[] };
    const failed = (body.failed ?? []).map(({ error }) => String(error));
    // `bd batch` repeats the line.
    return failed.length > 0 ? failed.join("; ") : String(body.error ?? "").replace(/^line \d+ \(.*?\): /, "");
  } catch (error) {
    if (error instanceof SyntaxError) return "";
    throw error;
  }
}
