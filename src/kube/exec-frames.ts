import type { Status } from "./errors.ts";

/** Subprotocol of exec since Kubernetes 1.30; only it can close stdin (KEP-4006). */
export const EXEC_PROTOCOL = "v5.channel.k8s.io";

/** Channel numbers: the first byte of every binary frame (k8s.io/apimachinery/pkg/util/remotecommand). */
export const Channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** One frame from the server. */
export type ExecFrame =
  | { channel: "stdout" | "stderr"; data: Uint8Array }
  | { channel: "error"; data: Uint8Array }
  | { channel: "invalid"; reason: string };

const INCOMING: Record<number, "stdout" | "stderr" | "error"> = { 1: "stdout", 2: "stderr", 3: "error" };

/** Splits a received message into channel and data; whatever the protocol does not allow is `invalid`. */
export function parseFrame(message: unknown): ExecFrame {
  if (!(message instanceof Uint8Array)) return { channel: "invalid", reason: "a text frame" };
  if (message.length === 0) return { channel: "invalid", reason: "an empty frame" };
  const channel = INCOMING[message[0] as number];
  if (!channel) return { channel: "invalid", reason: `a frame on channel ${message[0]}` };
  return { channel, data: message.subarray(1) };
}

/** Puts `data` into one frame of `channel`. */
export function frame(channel: number, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(data.length + 1);
  message[0] = channel;
  message.set(data, 1);
  return message;
}

/** What the status frame says of the command's end. */
export type ExecEnd = { exitCode: number } | { failure: string };

/** Reads the status frame. Only a Status that says Success, or names an exit code, is an end of the command. */
export function parseExecStatus(data: Uint8Array): ExecEnd {
  const status = parseJson(data);
  if (!status) return { failure: "the status frame is not a Status" };
  if (status.status === "Success") return { exitCode: 0 };
  if (status.status !== "Failure") return { failure: "the status frame says neither Success nor Failure" };
  const exitCode = status.reason === "NonZeroExitCode" ? namedExitCode(status.details?.causes) : undefined;
  if (exitCode !== undefined) return { exitCode };
  return { failure: String(status.message || status.reason || "no reason given").slice(0, 500) };
}

/** The status comes from the node: its parts need not be what they ought to be. */
function namedExitCode(causes: unknown): number | undefined {
  const all = Array.isArray(causes) ? causes : [];
  const cause = all.find((each) => each?.reason === "ExitCode");
  const exitCode = typeof cause?.message === "string" && /^\d{1,3}$/.test(cause.message) ? Number(cause.message) : 0;
  return exitCode > 0 && exitCode < 256 ? exitCode : undefined;
}

function parseJson(data: Uint8Array): Status | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(data));
    return value !== null && typeof value === "object" ? (value as Status) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
