import type { Env } from "../pod/environment.ts";
import { tmuxQuote } from "./tmux-words.ts";

/** Variables of the start environment that gc reads back as metadata: by them it knows whose session this is. */
const IDENTITY = [
  "GC_SESSION_ID",
  "GC_INSTANCE_TOKEN",
  "GC_PROVIDER",
  "GC_RUNTIME_EPOCH",
  "GC_CONTINUATION_EPOCH",
  "GC_ALIAS",
  "GC_AGENT",
];

/** tmux commands that make the identity part of the session's metadata; a file, because arguments can be listed. */
export function identityCommands(env: Env): string {
  const present = IDENTITY.filter((name) => env[name]);
  return present.map((name) => `set-environment -t =main ${name} ${tmuxQuote(env[name] ?? "")}\n`).join("");
}
