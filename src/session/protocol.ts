import type { Operation } from "../provider/operation.ts";

/** Capabilities that hold (contract 9.2); gc believes each of them, so only what is proved stands here. */
const CAPABILITIES = [
  "report-attachment",
  "report-activity",
  "proc.exec",
  "env.workspace",
  "env.identity",
  "env.transcripts",
];

/** `protocol`: the handshake. */
export const protocol: Operation = {
  usage: "",
  help: "Prints the protocol's version and the capabilities that hold.",
  deadlineMs: 5_000,
  async run({ settings }) {
    // Only an image's maker knows what it holds; a start in this mode proves it.
    const tooling = settings.get("GC_K8S_TOOLING") === "true" ? ["env.tooling"] : [];
    // A user by number may be one that the image has no name for, and then `whoami` fails.
    const held = settings.get("GC_K8S_RUN_AS_USER")
      ? CAPABILITIES.filter((name) => name !== "env.identity")
      : CAPABILITIES;
    return { stdout: `${JSON.stringify({ version: 0, capabilities: [...held, ...tooling] })}\n` };
  },
};
