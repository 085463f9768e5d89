import type { PreviousEnd } from "../pod/previous-end.ts";
import { adviceFor } from "../provider/start-advice.ts";

/** What an end means and what to do, by Kubernetes' reason or the box's cause; before the exit code, which says less. */
const BY_REASON: Record<string, string> = {
  OOMKilled: "the agent needed more memory than its limit: raise GC_K8S_MEM_LIMIT",
  EvictionByEvictionAPI:
    "the node was drained, or an autoscaler emptied it: gc starts it elsewhere; GC_K8S_WORKSPACE=claim keeps its work",
  DeletionByTaintManager:
    "its node was lost or tainted: look at the node; GC_K8S_NODE_LOSS_SECONDS says how long a pod waits for it",
  DeletionByPodGC: "its node is no longer part of the cluster: gc starts it elsewhere",
  PreemptionByScheduler: "a pod of higher priority took its place: set GC_K8S_PRIORITY_CLASS_NAME, or add nodes",
  TerminationByKubelet: "its node was short of something or shut down: look at the node",
  DeadlineExceeded: "the pod template's activeDeadlineSeconds were over: change the template",
  "never-launched": "no start launched an agent in it before its time was over: start it again",
  "launch-abandoned": "the start that made it ended too early: start it again, and look at what ends gc's calls",
  stopped: "it was told to stop: by gc, by gc-k8s, or by whoever deleted its pod",
  "pane-gone": "something in the box closed the agent's tmux pane: look at what the agent ran last",
  "tmux-server-ended": "something in the box ended the tmux server: look at what the agent ran last",
};

/** The same by exit code of the agent. */
const BY_EXIT_CODE: Record<number, string> = {
  0: "the agent ended by itself, with success; gc starts it again if it is wanted",
  126: "the agent's command is there, but cannot be run: check its permissions in the image",
  127: "the agent's command is not in the image: correct the command or GC_K8S_IMAGE",
  134: "the agent aborted itself: its last lines may say why",
  137: "the agent was killed: by something in the box, or by the kernel for memory (GC_K8S_MEM_LIMIT)",
  139: "the agent crashed (segmentation fault): try another version of it or of the image",
  143: "the agent was told to end: by gc, or by whoever deleted its pod",
};

/** What to do about an end. */
export function endAdvice({ reason = "", message = "", cause = "", exitCode }: PreviousEnd): string {
  const known = BY_REASON[reason] ?? adviceFor(message ? `${reason}: ${message}` : reason) ?? BY_REASON[cause];
  if (known) return known;
  if (exitCode === undefined) return "Kubernetes does not say more: look at its events and its node";
  return BY_EXIT_CODE[exitCode] ?? "the agent itself ended so: its last lines may say why";
}
