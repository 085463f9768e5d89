import type { Env } from "../pod/environment.ts";

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

/** One word of a tmux configuration file: plain quotes would lose blanks after a line break and expand variables. */
export function tmuxQuote(text: string): string {
  const octal = (byte: number) => `\\${byte.toString(8).padStart(3, "0")}`;
  const plain = (byte: number) => /[A-Za-z0-9]/.test(String.fromCharCode(byte));
  const bytes = [...Buffer.from(text, "utf8")];
  return `"${bytes.map((byte) => (plain(byte) ? String.fromCharCode(byte) : octal(byte))).join("")}"`;
}
