import { join } from "node:path";
import { compile } from "./compile.ts";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must, runProcess } from "./run-process.ts";

/** `protocol` beside an empty program of the same runtime. */
export async function protocolContest(place: Place): Promise<Contest> {
  const empty = compile("empty-program.ts", join(place.scratch, "empty-program"));
  return {
    async ours() {
      const { ms, stdout } = place.ours(["protocol"]);
      must(stdout.startsWith('{"version":0,'), `protocol printed "${stdout}"`);
      return { ms };
    },
    theirs: {
      async "empty program"() {
        const { ms, stdout } = runProcess({ command: [empty], env: {} });
        must(stdout === "", `the empty program printed "${stdout}"`);
        return { ms };
      },
    },
  };
}
