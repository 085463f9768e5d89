import { type Answer, beginCall, type RunningCall } from "./provider-process.ts";
import { type Reading, readAnswer } from "./reading.ts";

/** Which process of gc calls: the supervisor, a command that a person typed, or the `gc nudge poll` beside it. */
export type Caller = "supervisor" | "command" | "side-car";

/** Where a gc works. */
export interface GcSetting {
  executable: string;
  /** A directory of its own: HOME, and the supervisor's working directory. */
  home: string;
  /** KUBECONFIG and GC_K8S_*: the operator's, which pass everywhere. */
  env: Record<string, string>;
}

/** What one call may be given. */
export interface CallOptions {
  stdin?: string;
  limitMs?: number;
}

/** One process of gc: it asks for the protocol once, and keeps what it has called. */
export interface GcProcess {
  begin(op: string, args: string[], options?: CallOptions): RunningCall;
  /** Calls and reads the answer as gc does. */
  call(op: string, args: string[], options?: CallOptions): Promise<Reading>;
  /** The value of a call, for the many that have one. */
  value(op: string, ...args: string[]): Promise<string>;
  /** True when the handshake declares the capability. */
  declares(capability: string): Promise<boolean>;
  /** Every call of this process as `op arg …`, in the order in which they began. */
  readonly calls: string[];
  /** Answers in the order in which they came. */
  readonly answers: Answer[];
  /** Process ids in the order of `calls`. */
  readonly pids: number[];
}

/** Starts a process of gc; session calls get its own environment, and no city. */
export function gcProcess(caller: Caller, setting: GcSetting): GcProcess {
  const calls: string[] = [];
  const answers: Answer[] = [];
  const pids: number[] = [];
  const env = callEnvironment(caller, setting);
  let handshake: Promise<Set<string>> | undefined;

  function begin(op: string, args: string[], options: CallOptions = {}): RunningCall {
    calls.push([op, ...args].join(" "));
    const running = beginCall({ executable: setting.executable, op, args, env, cwd: setting.home, ...options });
    pids.push(running.pid);
    void running.done.then((answer) => answers.push(answer));
    return running;
  }
  async function call(op: string, args: string[], options?: CallOptions): Promise<Reading> {
    return readAnswer(await begin(op, args, options).done);
  }
  return {
    begin,
    call,
    calls,
    answers,
    pids,
    value: async (op, ...args) => (await call(op, args)).value,
    async declares(capability) {
      handshake ??= call("protocol", []).then(({ value }) => capabilities(value));
      return (await handshake).has(capability);
    },
  };
}

/** An executable without a handshake declares nothing. */
function capabilities(handshake: string): Set<string> {
  if (handshake === "") return new Set();
  return new Set((JSON.parse(handshake) as { capabilities?: string[] }).capabilities ?? []);
}

/** The names that were recorded; nothing of the test's own environment, and neither GC_CITY nor another identity. */
function callEnvironment(caller: Caller, { home, env }: GcSetting): Record<string, string> {
  const own: Record<Caller, Record<string, string>> = {
    supervisor: { BEADS_ACTOR: "controller", GC_SUPERVISOR_LOG_TEE: "0" },
    command: {},
    "side-car": { GC_DISABLE_USAGE_METRICS: "1" },
  };
  return {
    GC_HOME: `${home}/.gc`,
    HOME: home,
    LANG: "C.UTF-8",
    LOGNAME: "root",
    PATH: `${home}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    SHELL: "/bin/bash",
    TERM: "xterm-256color",
    TZ: "UTC",
    USER: "root",
    ...env,
    ...own[caller],
  };
}
