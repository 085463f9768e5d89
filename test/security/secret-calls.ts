import { join } from "node:path";
import type { Call } from "../conformance/provider.ts";

/** A secret for each way by which something gets into a session. */
export type Canaries = Record<
  "env" | "command" | "nudge" | "file" | "pre-start" | "setup" | "setup-script" | "text" | "meta" | "exec" | "copy",
  string
>;

/** A call that carries secrets, and how it ends. */
interface SecretCall {
  call: Call;
  exit: number;
}

const PASTE_END = "\x1b[201~";

/** Calls that bring every secret into a session, then failures of each kind. The agent's screen is switched off: what
 * an agent shows is the agent's. */
export function callsWith(secret: Canaries, work: string): SecretCall[] {
  const session = "secrets";
  const config = {
    command: `: ${secret.command}; stty -echo; exec bash --norc --noprofile`,
    env: { TOKEN: secret.env, PS1: "" },
    nudge: `: ${secret.nudge}`,
    work_dir: work,
    pre_start: [`: ${secret["pre-start"]}`, `: ${secret["pre-start"]}; false`],
    session_setup: [`: ${secret.setup}; sleep 0.3`, `: ${secret.setup}; exit 7`, `echo "$TOKEN" >/dev/null; false`],
    session_setup_script: join(work, "setup-script"),
    session_live: [`: ${secret.setup}`],
    copy_files: [{ src: join(work, "file"), rel_dst: "again" }],
  };
  const start = (name: string, change: object = {}) => ({
    op: "start",
    args: [name],
    stdin: JSON.stringify({ ...config, ...change }),
  });
  const missing = { ...config.env, GC_K8S_IMAGE: "localhost:1/nope:1" };
  return [
    { call: start(session), exit: 0 },
    { call: { op: "nudge", args: [session], stdin: `: ${secret.text}` }, exit: 0 },
    { call: { op: "set-meta", args: [session, "key"], stdin: secret.meta }, exit: 0 },
    { call: { op: "get-meta", args: [session, "key"] }, exit: 0 },
    { call: { op: "exec", args: [session], stdin: `: ${secret.exec}; sleep 0.3; echo "$TOKEN"` }, exit: 0 },
    { call: { op: "exec", args: [session], stdin: `echo ${secret.exec}; exit 3` }, exit: 3 },
    { call: { op: "copy-to", args: [session, join(work, "copy"), "copied"] }, exit: 0 },
    { call: { op: "copy-from", args: [session, "copied"] }, exit: 0 },
    { call: { op: "peek", args: [session, "0"] }, exit: 0 },
    // Failures: of the arguments, of the settings, of the cluster, of the box.
    { call: start(session), exit: 1 },
    { call: start("broken-image", {}), exit: 1 },
    { call: { op: "start", args: ["broken"], stdin: `{"env":{"TOKEN":"${secret.env}"` }, exit: 1 },
    { call: start("broken-env", { env: { "NO NAME": secret.env } }), exit: 1 },
    { call: start("broken-type", { nudge: [secret.nudge] }), exit: 1 },
    { call: start("ends-at-once", { command: `: ${secret.command}; exit 3`, pre_start: [] }), exit: 1 },
    { call: { op: "nudge", args: [session], stdin: secret.text + PASTE_END }, exit: 1 },
    { call: { op: "set-meta", args: [session, "key"], stdin: `${secret.meta}\0` }, exit: 1 },
    { call: { op: "set-meta", args: [session, "key"], stdin: secret.meta.repeat(2_000) }, exit: 1 },
    { call: { op: "exec", args: ["nobody"], stdin: `: ${secret.exec}` }, exit: 1 },
    { call: { op: "copy-to", args: [session, join(work, "copy"), "../copied"] }, exit: 1 },
    { call: { op: "copy-from", args: [session, "no-such-file"] }, exit: 1 },
  ].map(({ call, exit }) => ({ call: isOfBrokenImage(call) ? { ...call, env: missing } : call, exit }));
}

function isOfBrokenImage({ args }: Call): boolean {
  return args[0] === "broken-image";
}
