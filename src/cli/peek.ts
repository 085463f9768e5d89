import { Option } from "commander";
import { DRIVE_DEADLINE_MS } from "../provider/operation.ts";
import type { CliCommand } from "./command.ts";
import { callProgram } from "./session-call.ts";
import { namedPlace, requirePod } from "./session-pod.ts";
import { shownText } from "./terminal-text.ts";

/** `gc-k8s peek SESSION`: the agent's screen, as text that moves no cursor. */
export const peek: CliCommand = {
  usage: "peek <session>",
  summary: "Prints the agent's screen",
  help: "Prints the agent's screen and some lines above it; of an ended session, what it showed last.",
  examples: [
    ["gc-k8s peek mayor", "screen and 50 lines of scrollback"],
    ["gc-k8s peek mayor --lines 0 | less", "everything that is still there"],
  ],
  deadlineMs: DRIVE_DEADLINE_MS,
  options: [new Option("--lines <count>", "lines of scrollback above the screen; 0 = all").default("50")],
  async run(context, { lines }) {
    const place = namedPlace(context);
    await requirePod(context, place);
    const args = ["peek", place.session, String(lines)];
    const { exitCode, stdout } = await callProgram(context, "gc-session-k8s", args);
    // The lower part of a screen that is not full yet says nothing.
    const screen = shownText(stdout).trimEnd();
    return { exitCode, stdout: screen && `${screen}\n` };
  },
};
