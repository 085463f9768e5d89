import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must } from "./run-process.ts";
import { startSession, stopSession } from "./session.ts";

/** `is-running` beside curl and kubectl on the same pod. */
export async function isRunningContest(place: Place): Promise<Contest> {
  const session = "asked";
  const { name } = (await startSession(place, session)).metadata;
  return {
    async ours() {
      const { ms, stdout } = place.ours(["is-running", session]);
      must(stdout === "true\n", `is-running printed "${stdout}"`);
      return { ms };
    },
    theirs: {
      async curl() {
        const { ms, status, bytes } = place.curl(place.pods(name));
        must(status === 200 && bytes > 1000, `curl got ${status} with ${bytes} bytes`);
        return { ms };
      },
      async "kubectl get pod"() {
        const { ms, stdout } = place.kubectl("get", "pod", name);
        must(stdout.includes(name) && stdout.includes("Running"), `kubectl printed "${stdout}"`);
        return { ms };
      },
    },
    close: () => stopSession(place, session, name),
  };
}
