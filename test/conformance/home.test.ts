import { expect } from "bun:test";
import { printing, setting, starting, swallowing } from "./broken.ts";
import { type Gc, rules } from "./rules.ts";

/** Directories that follow the home, by variable. */
const FOLLOWING = {
  CLAUDE_CONFIG_DIR: "/.claude",
  CODEX_HOME: "/.codex",
  XDG_CONFIG_HOME: "/.config",
  XDG_CACHE_HOME: "/.cache",
  XDG_DATA_HOME: "/.local/share",
  XDG_STATE_HOME: "/.local/state",
};
/** What gc sends of its own machine. */
const CONTROLLER = Object.fromEntries(["HOME", ...Object.keys(FOLLOWING)].map((name) => [name, "/nowhere"]));

rules("home directory", {}, [
  {
    title:
      "is the image's own where its user can write there, whatever the controller's is, and tools' directories follow it",
    async check(gc) {
      const session = await gc.start({ command: "sleep 300", env: CONTROLLER });
      expect(await home(gc, session)).toBe("/home/gcagent");
    },
    broken: printing("exec", (stdout) => stdout.replaceAll("/home/gcagent", "/nowhere")),
  },
  {
    title: "is one of ours, as writable, for a user that the image does not know",
    async check(gc) {
      const session = await gc.start({ command: "sleep 300", env: CONTROLLER }, { GC_K8S_RUN_AS_USER: "1000680000" });
      expect(await home(gc, session)).toBe("/tmp/gc-home");
      expect(await gc.ok("exec", [session], "id -u; touch made; git init -q .; git status --porcelain")).toBe(
        "1000680000\n?? made\n",
      );
    },
    broken: setting("start", { GC_K8S_RUN_AS_USER: "" }),
  },
  {
    title: "is the same for the agent and for commands",
    async check({ ok, start }) {
      const session = await start({ command: 'printf %s "$HOME $XDG_CACHE_HOME" >/tmp/agent; exec sleep 300' });
      const agent =
        "for try in 1 2 3 4 5 6 7 8 9; do [ -s /tmp/agent ] && break; sleep 0.2; done; cat /tmp/agent; echo";
      expect(await ok("exec", [session], `${agent}; echo "$HOME $XDG_CACHE_HOME"`)).toMatch(/^(\/\S+ \/\S+)\n\1\n$/);
    },
    broken: starting((config) => ({ ...config, command: 'HOME=/nowhere; printf %s "$HOME x" >/tmp/agent; sleep 300' })),
  },
]);

rules("home directory under Pod Security restricted", { labels: ["pod-security.kubernetes.io/enforce=restricted"] }, [
  {
    title: "is writable where the namespace enforces the Pod Security level restricted",
    async check(gc) {
      const session = await gc.start({ command: "sleep 300", env: CONTROLLER }, { GC_K8S_POD_SECURITY: "restricted" });
      expect(await home(gc, session)).toStartWith("/");
      expect(await gc.ok("exec", [session], "id -u; touch made && ls")).toBe("1000\nmade\n");
    },
    broken: setting("start", { GC_K8S_POD_SECURITY: "default" }),
  },
  {
    title: "a start that does not ask for the level is refused there with the admission's words",
    async check({ call, name }) {
      const { exit, stderr } = await call("start", [name()], "{}");
      expect(exit).toBe(1);
      expect(stderr).toContain('violates PodSecurity "restricted');
    },
    broken: swallowing("start"),
  },
]);

/** The session's home, in which all that follows it can be made. */
async function home({ ok }: Gc, session: string): Promise<string> {
  const names = Object.keys(FOLLOWING);
  const shown = names.map((name) => `"$${name}"`).join(" ");
  const made = `for each in "$HOME" ${shown}; do mkdir -p "$each" && touch "$each/probe" && echo "$each"; done`;
  const [found = "", ...following] = (await ok("exec", [session], made)).trimEnd().split("\n");
  expect(following).toEqual(Object.values(FOLLOWING).map((path) => found + path));
  return found;
}
