import { Option } from "commander";
import { InterruptedError, UsageError } from "../provider/errors.ts";
import type { Context, Result } from "../provider/operation.ts";
import { Stdout } from "../provider/stdout.ts";
import { ageText } from "./age.ts";
import { type CityStatus, type ComponentStatus, cityStatus, type SessionStatus } from "./city-status.ts";
import { type CliCommand, type Options, outputOption } from "./command.ts";
import { placeOf } from "./install.ts";
import { cityRecordName } from "./installation.ts";
import { isForbidden, metadataOf } from "./inventory.ts";
import { kindNamed } from "./kinds.ts";
import { say } from "./progress.ts";
import { lookAtScreens } from "./screens.ts";
import { STATES, type State } from "./session-state.ts";
import { coloured } from "./terminal-text.ts";
import { textTable } from "./text-table.ts";

const EVERY_MS = 2_000;
/** Home, and clear what stands there: what is drawn next takes the place of what was. */
const REDRAW = "\x1b[H\x1b[2J";

/** `gc-k8s status`: the city at a glance. */
export const status: CliCommand = {
  usage: "status",
  summary: "Lists the city's sessions, and what serves them",
  help: "Lists the city's sessions with state, reason, age, node and restarts, and what serves them.",
  examples: [
    ["gc-k8s status", "the city that the settings name"],
    ["gc-k8s status --city blue --screens", "also when each agent last did something, and its last line"],
    ["gc-k8s status --watch", "again and again, until Ctrl-C"],
    ["gc-k8s status -o json | jq '.sessions[] | select(.state != \"Running\")'", "for programs"],
  ],
  deadlineMs: 120_000,
  endlessWith: "watch",
  options: [
    new Option("--screens", "looks into each session's box for its last activity and last line"),
    new Option("--watch", "shows it again every 2 s; on a terminal only"),
    outputOption("table", "wide", "json", "yaml"),
  ],
  async run(context, options) {
    if (!options["watch"]) {
      const city = await look(context, options);
      if (await isUnknown(context, city)) say(unknownCity(city));
      return { stdout: rendered(city, options) };
    }
    if (!process.stdout.isTTY) throw new UsageError("--watch needs a terminal; without one, call status again");
    return await watched(context, options);
  },
};

async function look(context: Context, options: Options): Promise<CityStatus> {
  const city = await cityStatus(context, placeOf(context.settings));
  if (options["screens"]) await lookAtScreens(context, city.sessions);
  return city;
}

/** True when there is no sign of the city: a wrong namespace looks as empty as a city at rest. */
async function isUnknown(context: Context, { city, namespace, sessions, components }: CityStatus): Promise<boolean> {
  if (sessions.length > 0 || components.some(({ component }) => component !== "dolt")) return false;
  try {
    return (await metadataOf(context, kindNamed("ConfigMap"), namespace, cityRecordName(city))) === undefined;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
}

function unknownCity({ city, namespace }: CityStatus): string {
  return `City "${city}" is not installed in namespace "${namespace}": look at --city and -n, or run gc-k8s install`;
}

/** Ctrl-C is how a watch ends, and no failure. */
async function watched(context: Context, options: Options): Promise<Result | undefined> {
  const { signal } = context;
  const stdout = new Stdout();
  try {
    for (;;) {
      const text = rendered(await look(context, options), options);
      stdout.write(`${REDRAW}${fitted(text)}`);
      await pause(EVERY_MS, signal);
    }
  } catch (error) {
    if (signal.reason instanceof InterruptedError && signal.reason.signalName === "SIGINT") return undefined;
    throw error;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  signal.addEventListener("abort", stop, { once: true });
  return promise;
}

/** What is higher than the terminal would scroll its own head away. */
function fitted(text: string): string {
  const lines = text.split("\n");
  const rows = process.stdout.rows - 1;
  return lines.length <= rows ? text : `${lines.slice(0, rows - 1).join("\n")}\n… ${lines.length - rows} more lines`;
}

/** The city in the format that was asked for. */
export function rendered(city: CityStatus, { output }: Options): string {
  if (output === "json") return `${JSON.stringify(city, null, 2)}\n`;
  if (output === "yaml") return `${Bun.YAML.stringify(city, null, 2)}\n`;
  const { sessions, components } = city;
  const parts = [headline(city)];
  if (components.length > 0) parts.push(componentTable(components));
  if (sessions.length > 0) parts.push(sessionTable(sessions, output === "wide"));
  return parts.join("\n");
}

function headline({ city, namespace, sessions }: CityStatus): string {
  const counts = (Object.keys(STATES) as State[])
    .map((state) => [sessions.filter((each) => each.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`);
  const all = sessions.length === 1 ? "1 session" : `${sessions.length} sessions`;
  return `City "${city}" in namespace "${namespace}": ${[all, ...counts].join(", ")}\n`;
}

function componentTable(components: ComponentStatus[]): string {
  const rows = components.map(({ component, name, state, reason, ageSeconds, node = "" }) => [
    component,
    name,
    state,
    ageSeconds === undefined ? "" : ageText(ageSeconds),
    node,
    reason,
  ]);
  const paint = (cell: string, column: number) =>
    column === 2 ? coloured(cell, cell === "Ready" ? "good" : cell.startsWith("seq") ? undefined : "waiting") : cell;
  return textTable(["COMPONENT", "NAME", "STATE", "AGE", "NODE", "REASON"], rows, paint);
}

function sessionTable(sessions: SessionStatus[], isWide: boolean): string {
  const hasScreens = sessions.some(({ lastLine }) => lastLine !== undefined);
  const head = ["SESSION", "STATE", "AGE", "NODE", "RESTARTS", ...(isWide ? ["AGENT", "POD"] : [])];
  if (hasScreens) head.push("ACTIVITY", "LAST LINE");
  head.push("REASON");
  const rows = sessions.map((each) => [
    each.session,
    each.state,
    ageText(each.ageSeconds),
    each.node,
    String(each.restarts),
    ...(isWide ? [each.agent, each.pod] : []),
    ...(hasScreens ? [each.lastActivity ?? "", (each.lastLine ?? "").slice(0, 60)] : []),
    isWide ? each.reason : each.reason.slice(0, 80),
  ]);
  return textTable(head, rows, (cell, column) => (column === 1 ? coloured(cell, STATES[cell as State]) : cell));
}
