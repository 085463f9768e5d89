/** What stands on the screen while an agent asks something at its start that gc answers, by what it asks. */
const QUESTIONS = {
  theme: "Choose the text style",
  "which session to resume": "Resume full session",
  "update of codex": "Skip until next version",
  "trust in the workspace": "Do you trust the (files|contents)|[Tt]rust this folder|Quick safety check",
  "imports of CLAUDE.md": "Allow external CLAUDE[.]md",
  "MCP servers": "[Nn]ew MCP servers? found",
  "hooks of codex": "[Hh]ooks? needs? review",
  "bypassed permissions": "Bypass Permissions mode",
  "API key": "Detected a custom API key",
  "usage limit": "Stop and wait for limit to reset",
};

/** Matches a line of any of them; a regular expression that awk takes, too. */
export const START_QUESTIONS = new RegExp(Object.values(QUESTIONS).join("|"));
