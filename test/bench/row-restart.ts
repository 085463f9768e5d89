import { untilPartOfSecond } from "./part-of-second.ts";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must } from "./run-process.ts";
import { sessionPod, startSession, stopSession } from "./session.ts";

/** `stop` until a new `start` of the same name has succeeded. */
export async function restartContest(place: Place, agent: { name: string; command: string }): Promise<Contest> {
  const session = `restarted-${agent.name}`;
  const config = JSON.stringify({ command: agent.command });
  let round = 0;
  let pod = await startSession(place, session, { command: agent.command });
  return {
    async ours() {
      // The agent needs an instant before it ignores anything.
      await Bun.sleep(500);
      await untilPartOfSecond(round++);
      const began = performance.now();
      const stopped = place.ours(["stop", session]);
      place.ours(["start", session], { stdin: config });
      const ms = performance.now() - began;
      const before = pod.metadata.uid;
      pod = await sessionPod(place, session);
      must(pod.metadata.uid !== before, "the pod is the one before the stop");
      return { ms, "stop alone, ms": stopped.ms };
    },
    close: () => stopSession(place, session, pod.metadata.name),
  };
}
