import { appendFileSync, renameSync, statSync } from "node:fs";
import type { RequestCounts } from "../kube/request.ts";

/** One line of GC_K8S_LOG: what an operation did and how long each phase took; never a payload. */
export interface LogEntry {
  time: string;
  operation: string;
  session: string | undefined;
  podUid: string | undefined;
  /** Milliseconds in all and by phase, in the order in which the phases began. */
  ms: number;
  phases: Record<string, number>;
  requests: number;
  retries: number;
  exit: number;
  cause: string | undefined;
  /** Steps that failed without failing the operation. */
  warnings: string[] | undefined;
  /** How the session's box before ended that a start replaced, with the last lines of its screen. */
  previous: object | undefined;
}

/** Collects what the operation log tells of one operation. */
export interface OperationLog {
  session: string | undefined;
  podUid: string | undefined;
  previous: object | undefined;
  /** Ends the current phase and begins the next. */
  phase(name: string): void;
  /** Notes a step that failed without failing the operation. */
  warn(text: string): void;
}

const ROTATE_AT_BYTES = 10 * 1024 * 1024;

/** Makes the log of one operation that began now. */
export function operationLog(): OperationLog & {
  /** Name of the phase that goes on; undefined before the first. */
  currentPhase(): string | undefined;
  entry(operation: string, counts: RequestCounts | undefined, exit: number, cause: string | undefined): LogEntry;
} {
  const began = performance.now();
  const phases: Record<string, number> = {};
  const warnings: string[] = [];
  let current: { name: string; from: number } | undefined;
  function endPhase(): void {
    if (current) phases[current.name] = roundMs((phases[current.name] ?? 0) + performance.now() - current.from);
  }
  return {
    session: undefined,
    podUid: undefined,
    previous: undefined,
    phase(name) {
      endPhase();
      current = { name, from: performance.now() };
    },
    currentPhase: () => current?.name,
    warn: (text) => void warnings.push(text),
    entry(operation, counts, exit, cause) {
      endPhase();
      return {
        time: new Date().toISOString(),
        operation,
        session: this.session,
        podUid: this.podUid,
        ms: roundMs(performance.now() - began),
        phases,
        requests: counts?.requests ?? 0,
        retries: counts?.retries ?? 0,
        exit,
        cause,
        warnings: warnings.length > 0 ? warnings : undefined,
        previous: this.previous,
      };
    },
  };
}

/** Appends one line; a file that has grown to 10 MB becomes `<path>.1` first. Logging never fails an operation:
 * returns what went wrong instead of throwing it. */
export function appendLog(path: string, entry: LogEntry): string | undefined {
  try {
    const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
    if (size >= ROTATE_AT_BYTES) renameSync(path, `${path}.1`);
    appendFileSync(path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    return undefined;
  } catch (error) {
    return `Cannot write the operation log "${path}": ${(error as Error).message}`;
  }
}

function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
