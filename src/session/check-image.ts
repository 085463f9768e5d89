import { openExec } from "../kube/exec.ts";
import { imageCheck, TOOLING } from "../pod/image-check.ts";
import { AGENT_CONTAINER } from "../pod/labels.ts";
import { sha256 } from "../pod/names.ts";
import type { Pod } from "../pod/pod-object.ts";
import type { TemplateSection } from "../pod/pod-template.ts";
import { errorLine, OperationError, UsageError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { agentPodInput } from "../provider/pod-input.ts";
import type { Settings } from "../provider/settings.ts";
import type { SettingName } from "../provider/settings-table.ts";
import { createBox } from "./create-box.ts";
import { execWhenReady } from "./launch.ts";
import { withPatience } from "./patience.ts";
import { type MadePod, removeMade } from "./pods.ts";
import { CHECK_PREFIX, type Session, sessionNamed } from "./session.ts";
import { startFailure } from "./start-failure.ts";

import { waitRunning } from "./wait-running.ts";

/** Pulling may take longer than gc waits. */
const RUN_WITHIN_MS = 22_000;
const UNDO_MS = 4_000;
/** The clean-up of a check that took all of its time is over so long after that. */
const END_MS = 700;

/** `check-image <image>`: a box of that image, looked into and removed. A box that nothing is launched in ends itself,
 * so a check that was killed leaves nothing that runs; the next one removes what is left. */
export const checkImage: Operation = {
  usage: "<image>",
  help: "Fails unless the cluster can run the image and it holds what an agent's box needs.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const image = context.args[0] ?? "";
    if (image === "") throw new UsageError("missing image");
    const settings = withImage(context.settings, image);
    const named = sessionNamed(`${CHECK_PREFIX}${sha256(image).slice(0, 16)}`, settings);
    const session = { ...named, title: `image "${image}"` };
    const startId = crypto.randomUUID();
    const input = agentPodInput(session, {}, settings, { startId, startSeconds: DRIVE_DEADLINE_MS / 1000 });
    input.template.push(imageSection(image));
    const progress: { pod?: Pod } = {};
    let failure: unknown;
    try {
      const pod = await createBox(context, session, input).catch((error: unknown) => {
        throw startFailure(session, error);
      });
      progress.pod = pod;
      const running = ({ signal }: { signal: AbortSignal }) => waitRunning({ ...context, signal }, session, pod);
      await withPatience<unknown>(context.signal, RUN_WITHIN_MS, running, () => notYet(image));
      const lacking = await look(context, session, settings.get("GC_K8S_TOOLING") === "true" ? TOOLING : []);
      if (lacking.length > 0) throw new OperationError(`Cannot use image "${image}": it lacks ${lacking.join(", ")}`);
    } catch (error) {
      failure = error;
    }
    await remove(context, session, { startId, known: progress.pod, failure });
    if (failure) throw failure;
    return undefined;
  },
};

/** Nobody has made a claim for the check, and it would keep the pod from running. */
function withImage(settings: Settings, image: string): Settings {
  const own: Partial<Record<SettingName, string>> = { GC_K8S_IMAGE: image, GC_K8S_WORKSPACE: "ephemeral" };
  return { ...settings, get: (name) => own[name] ?? settings.get(name) };
}

/** A template may say which image agents run in; here the one that is asked about stands above it. */
function imageSection(image: string): TemplateSection {
  return { title: "", agents: undefined, patch: { spec: { containers: [{ name: AGENT_CONTAINER, image }] } } };
}

function notYet(image: string): never {
  throw new OperationError(
    `Cannot tell whether image "${image}" can be used: it did not run within ${RUN_WITHIN_MS / 1000} s, ` +
      "perhaps because a node still pulls it; a retry can succeed",
  );
}

async function look(context: Context, session: Session, tooling: string[]): Promise<string[]> {
  let printed = "";
  const exec = await execWhenReady(context, () =>
    openExec(context.client(), {
      namespace: session.namespace,
      pod: session.pod,
      container: AGENT_CONTAINER,
      command: imageCheck(tooling),
      signal: context.signal,
      onStdout(data) {
        if (printed.length < 4096) printed += new TextDecoder().decode(data);
      },
      onStderr: () => undefined,
    }),
  );
  const exitCode = await exec.exited;
  if (exitCode !== 0) throw new OperationError(`Cannot look into the image: the check ended with ${exitCode}`);
  return printed.split("\n").filter((line) => line !== "");
}

/** Says so when it fails, beside what the check has found: a pod whose image never comes does not end by itself. */
async function remove(
  context: Context,
  session: Session,
  { failure, ...made }: MadePod & { failure: unknown },
): Promise<void> {
  context.log.phase("undo");
  const limitMs = Math.max(1, Math.min(UNDO_MS, DRIVE_DEADLINE_MS + END_MS - performance.now()));
  await removeMade(context, session, made, AbortSignal.timeout(limitMs)).catch((problem: unknown) => {
    const found = failure ? errorLine(failure) : "The image can be used";
    throw new OperationError(
      `${found}; pod "${session.pod}" could not be removed (${errorLine(problem)}): the next check of the image does so`,
    );
  });
}
