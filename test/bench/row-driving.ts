import { join } from "node:path";
import { compile } from "./compile.ts";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must, runProcess } from "./run-process.ts";
import { startSession, stopSession } from "./session.ts";

/** An operation that costs one exec: its words, its input, the answer that proves it, and the same by kubectl. */
export interface Driving {
  words: (session: string) => string[];
  stdin?: string;
  answer: string;
  kubectl: string[];
}

const KEY = "GC_BENCH";
const VALUE = "a value";
/** An agent that has metadata from its first moment. */
const AGENT = { command: "exec sleep 1000000" };

export const getMeta: Driving = {
  words: (session) => ["get-meta", session, KEY],
  answer: VALUE,
  kubectl: ["tmux", "show-environment", "-t", "=main", KEY],
};

export const setMeta: Driving = {
  words: (session) => ["set-meta", session, KEY],
  stdin: VALUE,
  answer: "",
  kubectl: ["tmux", "set-environment", "-t", "=main", KEY, VALUE],
};

export const execTrue: Driving = {
  words: (session) => ["exec", session],
  stdin: "true",
  answer: "",
  kubectl: ["sh", "-c", "true"],
};

/** One driving operation beside the least exec client and kubectl. */
export async function drivingContest(place: Place, driving: Driving): Promise<Contest> {
  const session = "driven";
  const { name } = (await startSession(place, session, AGENT)).metadata;
  place.ours(["set-meta", session, KEY], { stdin: VALUE });
  const minimal = compile("minimal-exec.ts", join(place.scratch, "minimal-exec"));
  const { ca, cert, key } = place.certificates;
  return {
    async ours() {
      const { ms, stdout } = place.ours(driving.words(session), driving.stdin ? { stdin: driving.stdin } : {});
      must(stdout === driving.answer, `${driving.words(session)[0]} printed "${stdout}"`);
      return { ms };
    },
    theirs: {
      async "minimal exec"() {
        const { ms } = runProcess({ command: [minimal, place.api.server, place.pods(name), ca, cert, key], env: {} });
        return { ms };
      },
      async "kubectl exec"() {
        const { ms } = place.kubectl("exec", name, "--", ...driving.kubectl);
        return { ms };
      },
    },
    close: () => stopSession(place, session, name),
  };
}
