import { deleteObject } from "../../kube/delete-object.ts";
import { ApiError, TransportError } from "../../kube/errors.ts";
import { openExec } from "../../kube/exec.ts";
import { retryWindow } from "../../kube/retry.ts";
import { watch } from "../../kube/watch.ts";
import { agentPod } from "../../pod/agent-pod.ts";
import { AGENT_CONTAINER } from "../../pod/labels.ts";
import { isPassing } from "../../pod/standstill.ts";
import type { Context } from "../../provider/operation.ts";
import { agentPodInput } from "../../provider/pod-input.ts";

/** What a command in a container came to. */
export interface CommandEnd {
  exit: number;
  stdout: string;
  stderr: string;
}

/** A box that is there for the doctor alone. Nothing is launched in it, so that it ends itself should we be killed. */
export interface Box {
  name: string;
  /** Runs a command in it; resolves with exit code and output. */
  run(command: string[], stdin?: string): Promise<CommandEnd>;
}

/** Why the box does not run; the text is Kubernetes' own. */
export class BoxError extends Error {
  override name = "BoxError";
}

/** The parts of the pod that are read. */
interface Pod {
  metadata: { name: string; uid: string; resourceVersion: string };
  spec: { nodeName?: string };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: {
      state?: {
        running?: object;
        waiting?: { reason?: string; message?: string };
        terminated?: { reason?: string; message?: string; exitCode: number };
      };
    }[];
  };
}

/** A box that runs, and what removes it. */
export interface MadeBox {
  box: Box;
  remove(): Promise<void>;
}

const RUNS_WITHIN_MS = 11_000;
const REMOVED_WITHIN_MS = 3_000;
const FINAL =
  /^(InvalidImageName|ErrImageNeverPull|CreateContainerConfigError|CreateContainerError|RunContainerError)$/;

/** The real pod of a session that nobody has, as a start would make it. */
export function doctorPod({ settings }: Context): object {
  const identity = { session: `doctor/${crypto.randomUUID().slice(0, 8)}`, city: settings.get("GC_K8S_CITY") };
  const { city, session } = identity;
  return agentPod(agentPodInput({ city, session }, {}, settings, { startId: "doctor", startSeconds: 30 }));
}

/** Makes a box and resolves once its container runs; throws `BoxError` when it does not, `ApiError` when it is refused. */
export async function makeBox(context: Context): Promise<MadeBox> {
  const namespace = context.settings.get("GC_K8S_NAMESPACE");
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const created = await context.client().json<Pod>({
    method: "POST",
    path,
    // The workspace of a claim is another check's; a claim that nobody made would keep the pod from running.
    body: doctorPod(withoutClaim(context)),
    what: "POST pod of the doctor",
    signal: context.signal,
  });
  const { name, uid } = created.metadata;
  const remove = async () => {
    const signal = AbortSignal.timeout(REMOVED_WITHIN_MS);
    const pod = { path: `${path}/${name}`, uid, what: `pod "${name}"`, kind: "pods" };
    await deleteObject(context.client(), { ...pod, options: { gracePeriodSeconds: 1 }, signal });
  };
  try {
    await waitRunning(context, path, created);
  } catch (error) {
    await remove();
    throw error;
  }
  return { box: { name, run: (command, stdin) => runIn(context, { namespace, pod: name }, command, stdin) }, remove };
}

function withoutClaim(context: Context): Context {
  const { settings } = context;
  return {
    ...context,
    settings: { ...settings, get: (name) => (name === "GC_K8S_WORKSPACE" ? "ephemeral" : settings.get(name)) },
  };
}

async function waitRunning(context: Context, path: string, created: Pod): Promise<void> {
  const { name, resourceVersion } = created.metadata;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(RUNS_WITHIN_MS)]);
  let last = created;
  try {
    const what = `watch pod "${name}"`;
    for await (const { object } of watch<Pod>(context.client(), {
      path,
      what,
      fieldSelector: `metadata.name=${name}`,
      resourceVersion,
      signal,
    })) {
      last = object;
      const { running, waiting, terminated } = object.status?.containerStatuses?.[0]?.state ?? {};
      if (running) return;
      const isFinal = FINAL.test(waiting?.reason ?? "") && !isPassing(waiting?.message ?? "");
      if (terminated || object.status?.phase === "Failed" || isFinal) break;
    }
  } catch (error) {
    if (!signal.aborted || context.signal.aborted) throw error;
  }
  throw new BoxError(podWords(last));
}

function podWords({ spec, status }: Pod): string {
  const { waiting, terminated } = status?.containerStatuses?.[0]?.state ?? {};
  const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
  const words = (reason?: string, message?: string) => [reason, message].filter((part) => part).join(": ");
  if (status?.reason) return words(status.reason, status.message);
  if (terminated) return words(`${terminated.reason} (exit code ${terminated.exitCode})`, terminated.message);
  if (waiting) return words(waiting.reason, waiting.message);
  if (scheduled?.status === "False") return words(scheduled.reason, scheduled.message);
  return spec.nodeName ? `node "${spec.nodeName}" has not started it yet` : "no scheduler has taken the pod up";
}

/** Runs a command in a container and collects what it says. */
export async function runIn(
  context: Context,
  { namespace, pod, container = AGENT_CONTAINER }: { namespace: string; pod: string; container?: string },
  command: string[],
  stdin?: string,
): Promise<CommandEnd> {
  const output = { stdout: "", stderr: "" };
  const take = (stream: "stdout" | "stderr") => (data: Uint8Array) => {
    if (output[stream].length < 65_536) output[stream] += new TextDecoder().decode(data);
  };
  const window = retryWindow(context.signal);
  for (;;) {
    try {
      const exec = await openExec(context.client(), {
        namespace,
        pod,
        container,
        command,
        stdin: stdin !== undefined,
        signal: context.signal,
        onStdout: take("stdout"),
        onStderr: take("stderr"),
      });
      if (stdin !== undefined) {
        await exec.write(new TextEncoder().encode(stdin));
        exec.closeStdin();
      }
      return { exit: await exec.exited, ...output };
    } catch (error) {
      // A container that has run for an instant only may not take an exec yet.
      if (!(error instanceof ApiError && error.code >= 500) && !(error instanceof TransportError && error.unsent))
        throw error;
      await window.pause(error);
    }
  }
}
