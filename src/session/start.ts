import { Annotation } from "../pod/labels.ts";
import type { Operation } from "../provider/operation.ts";
import { afterLaunch } from "./after-launch.ts";
import { bringUp, START_SECONDS } from "./bring-up.ts";
import { namedSession } from "./session.ts";
import { parseStartConfig } from "./start-config.ts";

/** `start <name>`: returns once the agent runs and has its first text; on any failure nothing is left. */
export const start: Operation = {
  usage: "<name>",
  help: "Starts the agent that the JSON on stdin describes in a pod of its own; fails when the session runs already.",
  deadlineMs: START_SECONDS * 1000,
  async run(context) {
    const text = new TextDecoder().decode(await context.stdin());
    const session = namedSession(context);
    const config = parseStartConfig(text);
    const after = () => afterLaunch(context, session, config);
    await bringUp(context, session, config, { mark: Annotation.launched, after });
    return undefined;
  },
};
