/** What a box wrote of its end into the termination message, or Kubernetes of one that was killed. */
export interface BoxEnd {
  /** `exited`, `stopped`, `tmux-server-ended`, `pane-gone`, `never-launched` or `launch-abandoned`;
   * "" = it was killed and left no message. */
  cause: string;
  exitCode: number;
  /** Number or name of the signal that ended the agent; "" = none. */
  signal: string;
  /** Kubernetes' reason where it says more than an exit code: `OOMKilled`. */
  reason?: string;
  /** RFC 3339, the node's clock; "" = unknown. */
  endedAt: string;
  /** The tmux environment as `show-environment -s` printed it, cut at 2800 bytes: a byte string. */
  metadata: string;
}

/** Reads a termination message; the box's own, so anything else is taken as none. */
export function parseBoxEnd(message: string): BoxEnd | undefined {
  try {
    const { version, cause, exitCode, signal, endedAt, metadata } = JSON.parse(message) as Record<string, unknown>;
    if (version !== 1) return undefined;
    return {
      cause: String(cause),
      exitCode: Number(exitCode),
      signal: String(signal),
      endedAt: String(endedAt),
      metadata: Buffer.from(String(metadata), "base64").toString("latin1"),
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
