import { UsageError } from "../provider/errors.ts";
import type { CliCommand } from "./command.ts";

/** First word of the call by which a shell asks for completions; what follows is the words up to the cursor. */
export const COMPLETE = "__complete";

/** What each shell evaluates. All ask this program, so that they know what it knows. */
const SCRIPTS: Record<string, string> = {
  bash: `_gc_k8s() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$(printf %q "$candidate")")
  done < <("$1" ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _gc_k8s gc-k8s
`,
  zsh: `#compdef gc-k8s
_gc_k8s() {
  local -a candidates
  candidates=(\${(f)"$("\${words[1]}" ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a candidates
}
compdef _gc_k8s gc-k8s
`,
  fish: `function __gc_k8s
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    $program ${COMPLETE} $words "$current" 2>/dev/null
end
complete -c gc-k8s -f -a '(__gc_k8s)'
`,
};

/** Shells that can complete. */
export const SHELLS = Object.keys(SCRIPTS);

/** `gc-k8s completion SHELL`. */
export const completion: CliCommand = {
  usage: "completion <shell>",
  summary: "Prints what completes commands in a shell",
  help: "Prints what makes bash, zsh or fish complete commands, options and names of sessions.",
  examples: [
    ["source <(gc-k8s completion bash)", "in ~/.bashrc; zsh alike, in ~/.zshrc after compinit"],
    ["gc-k8s completion fish > ~/.config/fish/completions/gc-k8s.fish", "for fish"],
  ],
  deadlineMs: 10_000,
  options: [],
  async run({ args: [shell = ""] }) {
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
    if (!script)
      throw new UsageError(`there is no completion for "${shell.slice(0, 40)}": it can be ${SHELLS.join(", ")}`);
    return { stdout: script };
  },
};
