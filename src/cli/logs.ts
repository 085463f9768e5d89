import { Option } from "commander";
import { InterruptedError, UsageError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS } from "../provider/operation.ts";
import { Stdout } from "../provider/stdout.ts";
import type { CliCommand } from "./command.ts";
import { objectsPath } from "./kinds.ts";
import { namedPlace, PODS, requirePod } from "./session-pod.ts";
import { shownText } from "./terminal-text.ts";

/** `gc-k8s logs SESSION`: the log of the session's container. */
export const logs: CliCommand = {
  usage: "logs <session>",
  summary: "Prints the log of the session's container",
  help: "Prints the log of the session's container: of an ended session its last screen; of one that runs, with GC_K8S_LOG_SCREEN, its screen so far.",
  examples: [
    ["gc-k8s logs mayor", "how an ended session looked last"],
    ["gc-k8s logs mayor --lines 20 --follow", "what comes from now on, until the session ends"],
  ],
  deadlineMs: DRIVE_DEADLINE_MS,
  endlessWith: "follow",
  options: [
    new Option("--lines <count>", "so many of the last lines only"),
    new Option("-f, --follow", "goes on with what comes"),
  ],
  async run(context, { lines, follow }) {
    if (lines !== undefined && !/^\d{1,7}$/.test(String(lines)))
      throw new UsageError(`--lines must be a whole number, not "${String(lines).slice(0, 20)}"`);
    const place = namedPlace(context);
    await requirePod(context, place);
    const request = {
      path: `${objectsPath(PODS, place.namespace, place.pod)}/log`,
      query: { tailLines: lines === undefined ? undefined : Number(lines), follow: follow === true || undefined },
      accept: "*/*",
      what: `GET log of pod "${place.pod}"`,
      signal: context.signal,
    };
    if (!follow) return { stdout: shownText(await context.client().text(request)) };
    await followed(context, await context.client().open(request));
    return undefined;
  },
};

/** Writes whole lines as they come: an escape sequence does not stand across two. Ctrl-C ends it, and is no failure. */
async function followed({ signal }: Context, { body }: Response): Promise<void> {
  if (!body) return;
  const decoder = new TextDecoder();
  const stdout = new Stdout();
  let rest = "";
  try {
    for await (const chunk of body) {
      const text = rest + decoder.decode(chunk, { stream: true });
      const end = text.lastIndexOf("\n") + 1;
      stdout.write(shownText(text.slice(0, end)));
      await stdout.flush(signal);
      rest = text.slice(end);
    }
    stdout.write(shownText(rest));
    await stdout.flush(signal);
  } catch (error) {
    if (!(signal.reason instanceof InterruptedError)) throw error;
  }
}
