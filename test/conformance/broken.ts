import type { Call, Provider } from "./provider.ts";

type Break = (real: Provider) => Provider;

/** Answers an operation without asking the real provider. */
export function answering(op: string, stdout: (call: Call) => string): Break {
  return (real) => async (call) =>
    call.op === op
      ? { exit: 0, stdout: stdout(call), bytes: new TextEncoder().encode(stdout(call)), stderr: "", ms: 0 }
      : real(call);
}

/** Changes what an operation prints. */
export function printing(op: string, change: (stdout: string, call: Call) => string): Break {
  return (real) => async (call) => {
    const outcome = await real(call);
    if (call.op !== op) return outcome;
    const stdout = change(outcome.stdout, call);
    return { ...outcome, stdout, bytes: new TextEncoder().encode(stdout) };
  };
}

/** Does nothing for an operation and says that it is done: the commonest lie. */
export function doingNothing(op: string): Break {
  return answering(op, () => "");
}

/** Fails for an operation. */
export function failing(op: string, exit = 1): Break {
  return (real) => async (call) =>
    call.op === op
      ? { exit, stdout: "", bytes: new Uint8Array(), stderr: exit === 2 ? "" : "broken on purpose\n", ms: 0 }
      : real(call);
}

/** Swallows every failure of an operation. */
export function swallowing(op: string): Break {
  return (real) => async (call) => {
    const outcome = await real(call);
    return call.op === op ? { ...outcome, exit: 0, stderr: "" } : outcome;
  };
}

/** Changes a call before the real provider gets it. */
export function calling(op: string, change: (call: Call) => Call): Break {
  return (real) => (call) => real(call.op === op ? change(call) : call);
}

/** Changes the configuration of a start before the real provider gets it. */
export function starting(change: (config: Record<string, unknown>) => object): Break {
  return calling("start", (call) => ({
    ...call,
    stdin: JSON.stringify(change(JSON.parse(String(call.stdin || "{}")))),
  }));
}

/** Takes another operation for the one that is asked. */
export function confusing(op: string, other: string): Break {
  return calling(op, (call) => ({ ...call, op: other }));
}

/** Does as if the caller's environment had these variables. */
export function setting(op: string, env: Record<string, string>): Break {
  return calling(op, (call) => ({ ...call, env: { ...call.env, ...env } }));
}
