import { Annotation } from "../pod/labels.ts";
import type { Operation } from "../provider/operation.ts";
import { bringUp, START_SECONDS } from "./bring-up.ts";
import { runFile } from "./launch.ts";
import { namedSession } from "./session.ts";
import { parseStartConfig } from "./start-config.ts";

/** `provision <name>`: everything of a start but the agent. The box does not count as running, takes `exec`, `copy-to`
 * and `copy-from`, and is replaced by the next start of its name.
 * The capability is not declared: gc would then start no agent by `start` again, and send neither texts nor set-up. */
export const provision: Operation = {
  usage: "<name>",
  help: "Makes a box as `start` does, without its agent; it ends itself when it has not been used for a while.",
  deadlineMs: START_SECONDS * 1000,
  async run(context) {
    const text = new TextDecoder().decode(await context.stdin());
    const session = namedSession(context);
    const idleSeconds = context.settings.get("GC_K8S_PROVISION_IDLE_SECONDS");
    const config = { ...parseStartConfig(text), command: idler(Number(idleSeconds)) };
    const extraFiles = [runFile("provisioned", "")];
    await bringUp(context, session, config, { mark: Annotation.provisioned, extraFiles });
    return undefined;
  },
};

/** Takes the agent's place and ends when nothing has used the box for so long; each use touches the file. */
function idler(seconds: number): string {
  return `touch /run/gc/provisioned; while [ $(($(date +%s) - $(stat -c %Y /run/gc/provisioned))) -lt ${seconds} ]; do sleep 1; done`;
}
