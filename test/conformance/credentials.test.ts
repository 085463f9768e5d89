import { expect } from "bun:test";
import { printing, setting } from "./broken.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

/** No secret's value may be seen in an API object other than the secret. */
const CANARY = "canary-55c2";

const SETTINGS = {
  GC_K8S_ENV_CREDENTIALS: '{"ANTHROPIC_API_KEY": "anthropic/api-key"}',
  GC_K8S_ENV_FROM_CREDENTIALS: "more",
  GC_K8S_FILE_CREDENTIALS: '{"/etc/agent": "files", "/tmp/one.key": "files/a"}',
};

/** Prints what came of the secrets. */
const SHOW =
  'echo "$GITHUB_TOKEN $ANTHROPIC_API_KEY $FIRST $SECOND $(cat /etc/agent/a /etc/agent/b /tmp/one.key | tr "\\n" " ")"';
const SHOWN = ["github", "anthropic", "first", "second", "a", "b", "a"].map((each) => `${CANARY}-${each}`).join(" ");

rules("credentials", { prepare: makeSecrets }, [
  {
    title: "Claude's secret becomes files of its configuration directory, whatever their names, and nothing else does",
    async check({ ok, start }) {
      const session = await start();
      expect(await ok("exec", [session], 'cd "$CLAUDE_CONFIG_DIR" && ls -A && cat .credentials.json')).toBe(
        `.credentials.json\nsettings.json\n${CANARY}-claude`,
      );
      expect(await ok("exec", [session], 'cd "$CLAUDE_CONFIG_DIR" && echo renewed >.credentials.json')).toBe("");
    },
    broken: setting("start", { GC_K8S_CLAUDE_CREDENTIALS: "none" }),
  },
  {
    title: "variables and files out of secrets reach the agent and every command",
    async check({ ok, start }) {
      const session = await start({ command: `${SHOW} >/tmp/agent; exec sleep 300` }, SETTINGS);
      await until(async () => (await ok("exec", [session], "cat /tmp/agent || :")).includes(SHOWN), 5_000);
      expect(await ok("exec", [session], SHOW)).toContain(SHOWN);
    },
    broken: setting("start", { GC_K8S_ENV_FROM_CREDENTIALS: "" }),
  },
  {
    title: "what the start's environment says of a variable goes before a secret",
    async check({ ok, start }) {
      const session = await start({ command: "sleep 300", env: { GITHUB_TOKEN: "own" } });
      expect(await ok("exec", [session], 'echo "$GITHUB_TOKEN"')).toBe("own\n");
    },
    broken: printing("exec", () => `${CANARY}-github\n`),
  },
  {
    title: "no value of a secret is in the pod object",
    async check(gc) {
      const session = await gc.start(undefined, SETTINGS);
      expect(gc.kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "json")).not.toContain(CANARY);
    },
    broken: setting("start", { GC_K8S_ANNOTATIONS: `{"note": "${CANARY}"}` }),
  },
  {
    title: "secrets that a setting leaves out do not reach the agent",
    async check({ ok, start }) {
      const none = { GC_K8S_CLAUDE_CREDENTIALS: "none", GC_K8S_GIT_CREDENTIALS: "none" };
      const session = await start(undefined, none);
      expect(await ok("exec", [session], 'echo "[$GITHUB_TOKEN]"; ls -A "$CLAUDE_CONFIG_DIR" 2>/dev/null || :')).toBe(
        "[]\n",
      );
    },
    broken: setting("start", { GC_K8S_GIT_CREDENTIALS: "git-credentials" }),
  },
]);

function makeSecrets(kubectl: Gc["kubectl"]): void {
  const secrets: Record<string, Record<string, string>> = {
    "claude-credentials": { ".credentials.json": "claude", "settings.json": "settings" },
    "git-credentials": { token: "github" },
    anthropic: { "api-key": "anthropic" },
    more: { FIRST: "first", SECOND: "second" },
    files: { a: "a\n", b: "b\n" },
  };
  for (const [name, keys] of Object.entries(secrets)) {
    const literals = Object.entries(keys).map(([key, value]) => `--from-literal=${key}=${CANARY}-${value}`);
    kubectl("create", "secret", "generic", name, ...literals);
  }
}
