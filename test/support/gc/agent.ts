import { join } from "node:path";
import { type City, coreOverlay } from "./city.ts";

/** An agent as a city configures it, and the session that gc has chosen for it. */
export interface Agent {
  /** Name of the session: `clerk`, `fixer-<bead>`. */
  session: string;
  /** Qualified name of the agent: `clerk`, `app/fixer`. */
  alias: string;
  /** Bead of the session: GC_SESSION_ID. */
  sessionId: string;
  instanceToken: string;
  runtimeEpoch: number;
  /** Rig that the agent works in; "" = the city. */
  rig: string;
  command: string;
  processNames: string[];
  /** The agent's own text; gc puts its beacon before it. */
  nudge?: string;
  /** `arg` = the prompt is part of the command, so nothing is typed. */
  promptMode?: "none" | "arg";
  /** Fields that only some agents have: pre_start, session_setup, … */
  more?: Record<string, unknown>;
}

/** The same agent for its next start: a new token and epoch, as gc makes them. */
export function nextIncarnation(agent: Agent): Agent {
  return { ...agent, instanceToken: newToken(), runtimeEpoch: agent.runtimeEpoch + 1 };
}

/** 32 hex digits. */
export function newToken(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** What gc writes to the stdin of `start`, in its form: compact, keys of maps sorted, `<`, `>` and `&` escaped. */
export function startConfig(agent: Agent, city: City, env: Record<string, string>): string {
  const config = {
    work_dir: join(city.path, agent.rig),
    command: agent.command,
    env: sorted(agentEnvironment(agent, city, env)),
    ...(agent.processNames.length > 0 && { process_names: agent.processNames }),
    ...(agent.promptMode !== "arg" && { nudge: beacon(agent, city) }),
    ...agent.more,
    pack_overlay_dirs: [coreOverlay(city)],
    copy_files: [
      { src: join(city.path, "scripts"), rel_dst: ".gc/scripts" },
      { src: join(city.path, ".gc/settings.json"), rel_dst: ".gc/settings.json" },
    ],
  };
  const escaped = (character: string) => `\\u00${character.charCodeAt(0).toString(16)}`;
  return JSON.stringify(config).replace(/[<>&]/g, escaped);
}

function beacon(agent: Agent, city: City): string {
  const time = new Date().toISOString().slice(0, 19);
  const text = `[${city.name}] ${agent.alias} • ${time}\n\nRun \`gc prime\` to initialize your context.`;
  return agent.nudge ? `${text}\n\n---\n\n${agent.nudge}` : text;
}

/** The environment as recorded, empty values and the controller's own GC_K8S_* included. */
function agentEnvironment(agent: Agent, city: City, env: Record<string, string>): Record<string, string> {
  const { path, home } = city;
  const controllers = Object.entries(env).filter(([name]) => name.startsWith("GC_K8S_"));
  const rigRoot = agent.rig && join(path, agent.rig);
  const empty = ["BEADS_DOLT_SERVER_PORT", "BEADS_DOLT_SERVER_TLS", "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CODEX_CI"];
  empty.push("CODEX_THREAD_ID", "GC_CONTROLLER_TOKEN", "GC_DOLT_HOST", "GC_DOLT_PORT", "LC_ALL", "LC_CTYPE");
  return {
    ...Object.fromEntries([...empty.map((name) => [name, ""]), ...controllers]),
    BD_BACKUP_ENABLED: "false",
    BD_ROUTING_MODE: "off",
    BEADS_ACTOR: agent.alias,
    BEADS_DIR: rigRoot && join(rigRoot, ".beads"),
    BEADS_HOLDER_TOKEN: agent.instanceToken,
    GC_AGENT: agent.alias,
    GC_ALIAS: agent.alias,
    GC_BEADS: `exec:${home}/providers/gc-beads-k8s`,
    GC_BEADS_SCOPE_ROOT: join(path, agent.rig),
    GC_BIN: "gc",
    GC_CITY: path,
    GC_CITY_PATH: path,
    GC_CITY_RUNTIME_DIR: join(path, ".gc/runtime"),
    GC_CONTINUATION_EPOCH: "1",
    GC_CONTROL_DISPATCHER_TRACE_DEFAULT: join(path, ".gc/runtime/control-dispatcher-trace.log"),
    GC_DIR: join(path, agent.rig),
    GC_DISABLE_USAGE_METRICS: "1",
    GC_HOME: join(home, ".gc"),
    GC_INSTANCE_TOKEN: agent.instanceToken,
    GC_RIG: agent.rig,
    GC_RIG_ROOT: rigRoot,
    GC_RUNTIME_EPOCH: String(agent.runtimeEpoch),
    GC_SESSION_ID: agent.sessionId,
    GC_SESSION_NAME: agent.session,
    GC_SESSION_ORIGIN: agent.rig ? "ephemeral" : "named",
    GC_STARTUP_PROMPT_DELIVERED: "1",
    GC_TEMPLATE: agent.alias,
    GT_ROOT: path,
    HOME: home,
    LANG: "C.UTF-8",
    LOGNAME: "root",
    PATH: `${home}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    TZ: "UTC",
    USER: "root",
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_STATE_HOME: join(home, ".local/state"),
  };
}

function sorted(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)));
}
