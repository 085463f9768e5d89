import { hasEnded } from "../pod/pod-object.ts";
import { OperationError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS } from "../provider/operation.ts";
import type { CliCommand } from "./command.ts";
import { callProgram } from "./session-call.ts";
import { namedPlace, requirePod } from "./session-pod.ts";

/** `gc-k8s nudge SESSION [TEXT…]`: types into the agent's terminal. */
export const nudge: CliCommand = {
  usage: "nudge <session> [text...]",
  summary: "Types a text into the agent's terminal",
  help: "Types the text, or what stands on standard input, into the agent's terminal and presses Enter.",
  examples: [
    ["gc-k8s nudge mayor look at the failing build", "as if you had typed it"],
    ["gc-k8s nudge mayor < task.md", "longer texts, and those that no process list should show"],
  ],
  deadlineMs: DRIVE_DEADLINE_MS,
  options: [],
  async run(context) {
    const place = namedPlace(context);
    const pod = await requirePod(context, place);
    if (hasEnded(pod))
      throw new OperationError(
        `Cannot nudge session "${place.session}": its agent has ended; gc-k8s why "${place.session}" tells how`,
      );
    const text = context.args.slice(1).join(" ");
    const stdin = text ? new TextEncoder().encode(text) : await context.stdin();
    const { exitCode } = await callProgram(context, "gc-session-k8s", ["nudge", place.session], { stdin });
    return { exitCode };
  },
};
