import { join } from "node:path";
import { reconcilerPass } from "../support/gc/reconcile.ts";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must, runProcess } from "./run-process.ts";
import { startSession, stopSession } from "./session.ts";

const SESSION = "reconciled";
const METADATA = { GC_SESSION_ID: "tc-1", GC_INSTANCE_TOKEN: "0123456789abcdef", GC_PROVIDER: "bash" };
const SCRIPT = join(import.meta.dir, "kubectl-provider.sh");

/** One pass of gc's reconciler over one session, the recorded 20 calls in their order: each call is a process of its
 * own, ours beside a script that answers as upstream's does, by kubectl and an exec for nearly each. */
export async function reconcilerContest(place: Place): Promise<Contest> {
  const { name } = (await startSession(place, SESSION, { command: "exec sleep 1000000", env: METADATA })).metadata;
  const steps = reconcilerPass(SESSION, ["sleep"]);
  const { kubectl, kubeconfig } = place.cluster;
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, KUBECONFIG: kubeconfig, KUBECTL: kubectl, NAMESPACE: place.namespace };
  /** Our handshake says that attachments are reported, so gc asks for them after each look at the activity: three calls
   * more than were recorded of a provider that does not say so. */
  function attachments(): number {
    const looks = steps.filter(({ op }) => op === "get-last-activity");
    return looks.reduce((sum) => sum + place.ours(["is-attached", SESSION]).ms, 0);
  }
  /** Sum of the calls; an answer that another provider would not give ends the measurement. */
  function pass(call: (words: string[], stdin: string | undefined) => { ms: number; stdout: string }): { ms: number } {
    let ms = 0;
    for (const { op, args, stdin } of steps) {
      const outcome = call([op, ...args], stdin);
      ms += outcome.ms;
      must(isRight(op, args, outcome.stdout.trim()), `${op} ${args.join(" ")} printed "${outcome.stdout}"`);
    }
    return { ms };
  }
  return {
    async ours() {
      const { ms } = pass((words, stdin) => place.ours(words, stdin === undefined ? {} : { stdin }));
      return { ms, "with is-attached, ms": ms + attachments() };
    },
    theirs: {
      "kubectl per call": async () =>
        pass((words, stdin) =>
          runProcess({ command: ["bash", SCRIPT, ...words], env, ...(stdin !== undefined && { stdin }) }),
        ),
    },
    close: () => stopSession(place, SESSION, name),
  };
}

function isRight(op: string, args: string[], printed: string): boolean {
  if (op === "list-running") return printed.split("\n").includes(SESSION);
  if (op === "is-running" || op === "process-alive") return printed === "true";
  if (op === "get-last-activity") return !Number.isNaN(Date.parse(printed));
  return printed === (METADATA[args[1] as keyof typeof METADATA] ?? "");
}
