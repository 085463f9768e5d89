import type { KubeClient } from "../kube/request.ts";
import type { OperationLog } from "./log.ts";
import type { OptionSettings, Settings } from "./settings.ts";

/** What an operation is given: everything it may read, nothing global. */
export interface Context {
  /** Arguments after the operation's name. */
  args: string[];
  env: Record<string, string | undefined>;
  settings: Settings;
  /** Aborted at the deadline (`DeadlineError`) and on SIGINT, SIGTERM or SIGHUP (`InterruptedError`). */
  signal: AbortSignal;
  /** Reads stdin to its end; only operations that take a payload may call it. */
  stdin(): Promise<Uint8Array>;
  /** The client, made on first use so that an operation without a cluster needs no kubeconfig. */
  client(): KubeClient;
  log: OperationLog;
}

/** Result of an operation that did what was asked. */
export interface Result {
  /** Written to stdout as it is; nothing is added. */
  stdout?: string | Uint8Array;
  /** Exit code; 0 unless the operation mirrors a command's. */
  exitCode?: number;
}

/** One operation of the exec contract. */
export interface Operation {
  /** Arguments as a person reads them, such as `<name> <lines>`. */
  usage: string;
  /** One sentence for docs/operations.md. */
  help: string;
  /** Time after which the operation gives up, in milliseconds; undefined = none (attach). */
  deadlineMs: number | undefined;
  run(context: Context): Promise<Result | undefined>;
}

/** Time limit of every operation that gc kills after 30 s: what is left must suffice to report. */
export const DRIVE_DEADLINE_MS = 27_000;

/** One of the executables: its name and its operations by wire name. */
export interface Program {
  name: string;
  /** What loads each: a process reads the code of its own operation only, since start-up is the price of every one. */
  operations: Record<string, () => Promise<Operation>>;
  /** Reads a command line that is not `<operation> [argument…]`; throws `UsageError` or `UnknownOperationError`. */
  parse?(argv: string[]): Call;
}

/** What a command line asks for. */
export interface Call {
  /** As errors and the log name it. */
  name: string;
  operation: Operation;
  args: string[];
  /** Settings that the command line gives. */
  settings?: OptionSettings;
}
