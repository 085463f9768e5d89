import { join } from "node:path";
import { compile } from "./compile.ts";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must, runProcess } from "./run-process.ts";
import { READY_LINE, startSession, stopSession } from "./session.ts";

/** `peek` beside the least exec client and kubectl. */
export async function peekContest(place: Place): Promise<Contest> {
  const session = "watched";
  const { name } = (await startSession(place, session)).metadata;
  const minimal = compile("minimal-exec.ts", join(place.scratch, "minimal-exec"));
  const { ca, cert, key } = place.certificates;
  const capture = ["tmux", "-u", "capture-pane", "-p", "-S", "-50", "-t", "=main:"];
  return {
    async ours() {
      const { ms, stdout } = place.ours(["peek", session, "50"]);
      must(stdout.includes(READY_LINE), `peek printed "${stdout}"`);
      return { ms };
    },
    theirs: {
      // Its exit code is the proof: 0 needs the Status frame.
      async "minimal exec"() {
        const { ms } = runProcess({ command: [minimal, place.api.server, place.pods(name), ca, cert, key], env: {} });
        return { ms };
      },
      async "kubectl exec"() {
        const { ms, stdout } = place.kubectl("exec", name, "--", ...capture);
        must(stdout.includes(READY_LINE), `kubectl exec printed "${stdout}"`);
        return { ms };
      },
    },
    close: () => stopSession(place, session, name),
  };
}
