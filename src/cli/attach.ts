import { OperationError } from "../provider/errors.ts";
import type { CliCommand } from "./command.ts";
import { callProgram } from "./session-call.ts";
import { namedPlace, requirePod } from "./session-pod.ts";

/** `gc-k8s attach SESSION`: this terminal becomes the agent's. What the agent shows is then its own doing: tmux draws it. */
export const attach: CliCommand = {
  usage: "attach <session>",
  summary: "Connects this terminal to the agent's",
  help: "Connects this terminal to the agent's; detach with Ctrl-B d.",
  examples: [["gc-k8s attach mayor", "Ctrl-B d leaves it, and the agent goes on"]],
  deadlineMs: undefined,
  options: [],
  async run(context) {
    const place = namedPlace(context);
    if (!process.stdin.isTTY || !process.stdout.isTTY)
      throw new OperationError(
        `Cannot attach to session "${place.session}": standard input and output must be a terminal; gc-k8s peek needs none`,
      );
    await requirePod(context, place);
    const call = { stdin: "inherit", isDirect: true } as const;
    const { exitCode } = await callProgram(context, "gc-session-k8s", ["attach", place.session], call);
    return { exitCode };
  },
};
