import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeBarePod, startBarePod } from "./bare-pod.ts";
import { phases } from "./operation-log.ts";
import { untilPartOfSecond } from "./part-of-second.ts";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must } from "./run-process.ts";
import { awaitRunning, sessionPod, stopSession } from "./session.ts";

/** What a start brings along. */
interface Load {
  files: number;
  secrets: number;
}

const FILE_BYTES = 2_000;

/** A start until `is-running` says yes, beside a bare pod until a watch shows that it runs. */
export async function startContest(place: Place, load: Load): Promise<Contest> {
  const workDir = join(place.scratch, `work-${load.files}`);
  mkdirSync(workDir);
  for (let index = 0; index < load.files; index++)
    writeFileSync(join(workDir, `file-${index}`), `${index}\n`.padEnd(FILE_BYTES, "x"));
  const secrets = Array.from({ length: load.secrets }, (_, index) => [`BENCH_SECRET_${index}`, crypto.randomUUID()]);
  const shown = secrets.map(([name]) => `"$${name}"`).join(" ");
  const command = `printf '%s\\n' ready ${shown} >/tmp/seen; exec sleep 1000000`;
  const config = JSON.stringify({ work_dir: workDir, command, env: Object.fromEntries(secrets) });
  const seen = ["ready", ...secrets.map(([, value]) => value)].join("\n");
  let round = 0;
  let bareRound = 0;
  return {
    async ours() {
      const session = `started-${load.files}-${round}`;
      const log = join(place.scratch, `${session}.log`);
      await untilPartOfSecond(round++);
      const began = performance.now();
      place.ours(["start", session], { stdin: config, env: { GC_K8S_LOG: log } });
      awaitRunning(place, session);
      const ms = performance.now() - began;
      const { name } = (await sessionPod(place, session)).metadata;
      const check = "find /workspace -type f | wc -l; until [ -s /tmp/seen ]; do sleep 0.05; done; cat /tmp/seen";
      const { stdout } = place.kubectl("exec", name, "--", "sh", "-c", check);
      must(stdout === `${load.files}\n${seen}\n`, `files and secrets in the pod are "${stdout}"`);
      await stopSession(place, session, name);
      return { ms, ...phases(log) };
    },
    theirs: {
      async "bare pod"() {
        const name = `bare-${load.files}-${bareRound}`;
        await untilPartOfSecond(bareRound++);
        const began = performance.now();
        await startBarePod(place, name);
        const ms = performance.now() - began;
        await removeBarePod(place, name);
        return { ms };
      },
    },
  };
}
