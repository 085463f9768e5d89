import { openExec } from "../kube/exec.ts";
import { AGENT_CONTAINER } from "../pod/labels.ts";
import { errorLine } from "../provider/errors.ts";
import type { Context, Operation } from "../provider/operation.ts";
import { Stdout } from "../provider/stdout.ts";
import preamble from "./box-preamble.sh" with { type: "text" };
import { NOT_PROVISIONED } from "./box-script.ts";
import { ScreenLines } from "./screen-lines.ts";
import { namedSession } from "./session.ts";
import watchScript from "./watch-startup.sh" with { type: "text" };

/** gc ends the watch itself, seconds after the agent's last dialog. */
const WATCH_SECONDS = 90;
/** To gc this means "does not have it", and it looks with `peek`; any other failure would fail the start. */
const CANNOT_WATCH = 2;

/** `watch-startup <name>`: a line of JSON with the whole screen, now and after each change. */
export const watchStartup: Operation = {
  usage: "<name>",
  help: "Prints the agent's screen as a line of JSON, now and whenever it changes; ends with 2 when it cannot be watched.",
  deadlineMs: (WATCH_SECONDS + 10) * 1000,
  async run(context) {
    let lines = 0;
    try {
      lines = await watchScreens(context);
    } catch (error) {
      context.log.warn(errorLine(error));
    }
    return { exitCode: lines > 0 ? 0 : CANNOT_WATCH };
  },
};

/** Resolves with the number of screens that were printed, when the agent, the caller or the time has ended; with 0, too, when
 * not all of them could be. */
async function watchScreens(context: Context): Promise<number> {
  const session = namedSession(context);
  const stdout = new Stdout();
  const screens = new ScreenLines();
  let printed = 0;
  context.log.phase("watch");
  const exec = await openExec(context.client(), {
    namespace: session.namespace,
    pod: session.pod,
    container: AGENT_CONTAINER,
    command: ["/bin/sh", "-c", preamble + NOT_PROVISIONED + watchScript, "gc-k8s", session.hash, String(WATCH_SECONDS)],
    stdin: true,
    signal: context.signal,
    onStdout(data) {
      try {
        for (const line of screens.push(data)) {
          stdout.write(line);
          printed++;
        }
      } catch {
        // Nobody reads any more: then there is nothing left to do.
        exec.terminate();
      }
    },
    onStderr: () => undefined,
  });
  const tell = (error: unknown) => context.log.warn(errorLine(error));
  await exec.exited.catch(tell);
  return await stdout.flush(context.signal).then(
    () => printed,
    (error: unknown) => {
      tell(error);
      return 0;
    },
  );
}
