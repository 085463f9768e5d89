/** An argument of a tmux command on tmux's command line, where a semicolon at an argument's end ends the command. */
export function tmuxArgument(text: string): string {
  return text.replace(/;$/, "\\;");
}

/** One word of a tmux configuration file: plain quotes would lose blanks after a line break and expand variables. */
export function tmuxQuote(text: string | Uint8Array): string {
  const octal = (byte: number) => `\\${byte.toString(8).padStart(3, "0")}`;
  const plain = (byte: number) => /[A-Za-z0-9]/.test(String.fromCharCode(byte));
  const bytes = [...Buffer.from(text)];
  return `"${bytes.map((byte) => (plain(byte) ? String.fromCharCode(byte) : octal(byte))).join("")}"`;
}

/** A shell command in which tmux's targets that call the session as gc does call it as the box does. */
export function projectTarget(command: string, name: string): string {
  if (name === "") return command;
  const pattern = new RegExp(`(?<=\\btmux\\b[^\\n|&]*\\s-t\\s*["']?=?)${RegExp.escape(name)}(?=[:."'\\s;|&)]|$)`, "g");
  return command.replace(pattern, "main");
}
