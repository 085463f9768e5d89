import type { PreviousEnd } from "../pod/previous-end.ts";
import { OperationError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS } from "../provider/operation.ts";
import { ageText } from "./age.ts";
import { type CliCommand, outputOption } from "./command.ts";
import { namedPlace } from "./session-pod.ts";
import { STATES, shortEnd } from "./session-state.ts";
import { type Story, sessionStory } from "./session-story.ts";
import { coloured } from "./terminal-text.ts";
import { textTable } from "./text-table.ts";

/** `gc-k8s why SESSION`: what happened to it, and what to do. */
export const why: CliCommand = {
  usage: "why <session>",
  summary: "Tells what happened to a session, and what to do",
  help: "Tells what happened to a session: how it ended, on which node, its last lines and events, and what to do.",
  examples: [
    ["gc-k8s why mayor", "why does mayor not run?"],
    ["gc-k8s why mayor -o json | jq .previousEnd", "how the pod before this one ended"],
  ],
  deadlineMs: DRIVE_DEADLINE_MS,
  options: [outputOption("text", "json", "yaml")],
  async run(context, { output }) {
    const place = namedPlace(context);
    const story = await sessionStory(context, place);
    if (story.state === "Absent" && !story.events?.length)
      throw new OperationError(
        `Cannot tell of session "${place.session}": city "${place.city}" has no pod of it in namespace "${place.namespace}", ` +
          "and no events; gc-k8s status lists its sessions",
      );
    if (output === "json") return { stdout: `${JSON.stringify(story, null, 2)}\n` };
    if (output === "yaml") return { stdout: `${Bun.YAML.stringify(story, null, 2)}\n` };
    return { stdout: told(story, context.client().serverNowMs) };
  },
};

/** The story for people. */
export function told(story: Story, now: number): string {
  const { session, city, state, reason, advice, node, pod, createdAt, end, lastLines, events } = story;
  const ago = (instant: string | undefined) => (instant ? `${instant} (${age(instant, now)} ago)` : undefined);
  const shownState = coloured(state, state === "Absent" ? "bad" : STATES[state]);
  const parts = [
    `Session "${session}" of city "${city}": ${shownState}${reason && `: ${reason}`}\n`,
    fields({
      "what to do": advice,
      message: end?.message,
      pod,
      node: end?.node ?? node,
      started: ago(createdAt),
      ended: ago(end?.endedAt),
    }),
    story.previousEnd ? `Before it:\n${previous(story.previousEnd, ago(story.previousEnd.endedAt))}` : "",
    lastLines.length > 0 ? `Last lines:\n${lastLines.map((line) => `  | ${line}\n`).join("")}` : "",
    eventsPart(events, now),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function previous(end: PreviousEnd & { advice: string }, endedAt: string | undefined): string {
  const { advice, message, node } = end;
  return fields({ end: shortEnd(end), "what to do": advice, message, node, ended: endedAt });
}

function eventsPart(events: Story["events"], now: number): string {
  if (!events) return "Events: they may not be listed with these rights\n";
  if (events.length === 0) return "";
  const rows = events.map(({ at, type, reason, message }) => [age(at, now), type, reason, message]);
  return `Events:\n${textTable(["AGO", "TYPE", "REASON", "MESSAGE"], rows)}`;
}

function fields(values: Record<string, string | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value);
  return given.map(([name, value]) => `  ${name.padEnd(10)}  ${value}\n`).join("");
}

function age(instant: string, now: number): string {
  return ageText(Math.max(0, Math.floor((now - Date.parse(instant)) / 1000)));
}
