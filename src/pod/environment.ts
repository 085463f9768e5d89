import { WORKSPACE } from "./box.ts";
import { podPath, podWorkDir } from "./paths.ts";

/** The environment that gc sends with a start. */
export type Env = Record<string, string>;

/** Whose session it is, and where its work stands on the controller. */
export interface Places {
  /** Name of the session as gc gave it. */
  session: string;
  /** Controller's path of the city; "" when there is none. */
  city: string;
  workDir: string;
}

/** Dolt server that stands for the city's own inside the cluster. */
export interface DoltAlias {
  host: string;
  port: string;
}

/** Variables that name things of the controller's machine: they would be wrong in a box, or give it away. */
const HOST_ONLY = new Set([
  "PATH",
  "HOME",
  "PWD",
  "OLDPWD",
  "SHELL",
  "USER",
  "LOGNAME",
  "TMPDIR",
  "TMP",
  "TEMP",
  "TMUX",
  "TMUX_PANE",
  "TMUX_TMPDIR",
  "SSH_AUTH_SOCK",
  "SSH_AGENT_PID",
  "GPG_AGENT_INFO",
  "DBUS_SESSION_BUS_ADDRESS",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XAUTHORITY",
  "XDG_RUNTIME_DIR",
  "XDG_CONFIG_HOME",
  "XDG_CACHE_HOME",
  "XDG_DATA_HOME",
  "XDG_STATE_HOME",
  "CLAUDE_CONFIG_DIR",
  "CODEX_HOME",
  "GC_BIN",
  "GC_HOME",
  "GC_K8S_LOG",
  "GC_K8S_POD_TEMPLATE",
  "GC_TRANSCRIPTS_DEST",
  "KUBECONFIG",
]);

/** Variables that a shell keeps for itself: one that may not be set would end the reading of the whole environment. */
const SHELL_OWN = new Set([
  "BASHOPTS",
  "BASH_VERSINFO",
  "EUID",
  "HISTCMD",
  "OPTIND",
  "PPID",
  "RANDOM",
  "SHELLOPTS",
  "SRANDOM",
  "UID",
]);

/** Choices of the controller's own providers: in the box, gc must use its own defaults. */
const PROVIDER_CHOICES = new Set(["GC_BEADS", "GC_SESSION", "GC_EVENTS", "GC_MAIL"]);

/** Names that gc would take for one of its own session providers. */
const PROVIDERS = new Set(["fake", "fail", "subprocess", "acp", "t3bridge", "k8s", "herdr", "hybrid", "tmux"]);

/** Variables that hold one path of the city. */
const CITY_PATHS = new Set([
  "GC_STORE_ROOT",
  "GC_RIG_ROOT",
  "BEADS_DIR",
  "GT_ROOT",
  "GC_PACK_DIR",
  "GC_BEADS_SCOPE_ROOT",
]);
const RUNTIME_PATHS = new Set(["GC_CONTROL_DISPATCHER_TRACE_DEFAULT", "GC_PACK_STATE_DIR"]);
const CITY_ROOTS = new Set(["GC_CITY", "GC_CITY_PATH", "GC_CITY_ROOT"]);
const DOLT_TARGET = new Set([
  "GC_DOLT_HOST",
  "GC_DOLT_PORT",
  "BEADS_DOLT_SERVER_HOST",
  "BEADS_DOLT_SERVER_PORT",
  "GC_K8S_DOLT_HOST",
  "GC_K8S_DOLT_PORT",
]);
const LOOPBACK = /^(127\.0\.0\.1|localhost|0\.0\.0\.0|::1?)$/i;

/** The kubelet gives the workspace to root, and git trusts no directory of another user unless told so. */
export const TRUSTED_WORKSPACE: Env = {
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
};

/** The city that a start configuration is about: first of the three variables that is not blank. */
export function cityOf(env: Env): string {
  return [...CITY_ROOTS].map((name) => env[name]?.trim() ?? "").find((value) => value !== "") ?? "";
}

/** Says what is wrong with the names or values of `env`, or undefined; a shell must be able to hold each. */
export function environmentProblem(env: Record<string, unknown>): string | undefined {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `"${name.slice(0, 80)}" is no name that a shell can hold`;
    if (typeof value !== "string") return `the value of ${name} is not a text`;
    if (value.includes("\0") || !value.isWellFormed()) return `the value of ${name} holds a NUL or half a character`;
  }
  if (env["GC_DOLT_HOST"] && !env["GC_DOLT_PORT"])
    return "requires both GC_DOLT_HOST and GC_DOLT_PORT when GC_DOLT_HOST is set";
  return undefined;
}

/** Environment of the agent in the box, made from the one that gc sent. */
export function boxEnvironment(env: Env, places: Places, alias: DoltAlias): Env {
  const projected: Env = {};
  for (const [name, value] of Object.entries(env)) {
    const inBox = projectVariable(name, value, places, env);
    if (inBox !== undefined) projected[name] = inBox;
  }
  if (places.city || "GC_CITY" in env) projected["GC_CITY"] = WORKSPACE;
  projected["GC_DIR"] = podWorkDir(places.workDir, places.city);
  projected["GC_TMUX_SESSION"] = "main";
  // An agent asks who it is; gc in the box takes a name that is no provider's for its default, tmux.
  if (!PROVIDERS.has(places.session)) projected["GC_SESSION"] = places.session;
  return { ...projected, ...doltTarget(env, alias) };
}

function projectVariable(name: string, value: string, places: Places, env: Env): string | undefined {
  if (HOST_ONLY.has(name) || SHELL_OWN.has(name)) return undefined;
  if (PROVIDER_CHOICES.has(name) || DOLT_TARGET.has(name)) return undefined;
  if (CITY_ROOTS.has(name)) return value && WORKSPACE;
  if (CITY_PATHS.has(name)) return podPath(value, places.city) ?? value;
  if (name === "GC_CITY_RUNTIME_DIR") return podPath(value, places.city) ?? `${WORKSPACE}/.gc/runtime`;
  if (RUNTIME_PATHS.has(name))
    return podPath(value, places.city) ?? runtimePath(value, env["GC_CITY_RUNTIME_DIR"] ?? "");
  return value;
}

/** A path below a runtime directory outside the city moves to the box's runtime directory. */
function runtimePath(value: string, runtimeDir: string): string {
  const inside = podPath(value, runtimeDir);
  return inside ? inside.replace(WORKSPACE, `${WORKSPACE}/.gc/runtime`) : value;
}

/** The Dolt server as the box reaches it: the payload decides, loopback and a bare port mean the cluster's own. */
function doltTarget(env: Env, alias: DoltAlias): Env {
  const host = env["GC_DOLT_HOST"] ?? "";
  const port = env["GC_DOLT_PORT"] ?? "";
  if (host === "" && port === "") return {};
  const target = host === "" || LOOPBACK.test(host) ? alias : { host, port };
  return {
    GC_DOLT_HOST: target.host,
    GC_DOLT_PORT: target.port,
    BEADS_DOLT_SERVER_HOST: target.host,
    BEADS_DOLT_SERVER_PORT: target.port,
  };
}

/** Text of a file that any POSIX shell can source to have this environment. */
export function environmentFile(env: Env): string {
  const lines = Object.entries(env).map(([name, value]) => `export ${name}=${shellQuote(value)}\n`);
  return lines.join("");
}

/** One shell word that expands to exactly `text`. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
