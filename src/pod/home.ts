/** Where the home directory is when the workspace is a claim: a directory of the claim is mounted there. */
export const CLAIM_HOME = "/home/gc-agent";

/** Where it is when the image has none that its user can write to. */
export const OWN_HOME = "/tmp/gc-home";

/** First lines of the environment file: the home directory that the launch has chosen, and what follows it.
 * Values of the controller's machine would name directories that the box does not have. */
export const HOME_LINES = `IFS= read -r HOME </run/gc/home
export HOME
export CLAUDE_CONFIG_DIR="$HOME/.claude" CODEX_HOME="$HOME/.codex"
export XDG_CONFIG_HOME="$HOME/.config" XDG_CACHE_HOME="$HOME/.cache"
export XDG_DATA_HOME="$HOME/.local/share" XDG_STATE_HOME="$HOME/.local/state"
`;
