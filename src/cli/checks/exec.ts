import { errorLine } from "../../provider/errors.ts";
import { broken, type Check, type Finding } from "./check.ts";

const IDLE_SECONDS = 30;
/** More than one frame, and every byte value that a proxy could change. */
const PAYLOAD = `${"0123456789abcdef".repeat(8192)}\n\u00ff\u0001é`;

/** Commands run in a pod, through whatever lies between, and bytes arrive as they were sent. */
export const exec: Check = {
  name: "exec",
  async run(patient) {
    const box = await patient.box();
    try {
      const { exit, stdout } = await box.run(["/bin/sh", "-c", "wc -c && exit 7"], PAYLOAD);
      const bytes = new TextEncoder().encode(PAYLOAD).length;
      if (exit === 7 && Number(stdout) === bytes) return [];
      return [changed(`of ${bytes} bytes ${Number(stdout)} arrived, and of exit code 7 came ${exit}`)];
    } catch (error) {
      if (patient.context.signal.aborted) throw error;
      return [
        broken(
          `no command can be run in a pod: ${errorLine(error)}`,
          "grant pods/exec, and let proxies and load balancers before the API server pass WebSocket upgrades",
        ),
      ];
    }
  },
};

/** A box without a launch ends itself before that; it takes this command for a launch of 50 s. */
const IDLE = `echo "$$ 50" >/run/gc/launcher; sleep ${IDLE_SECONDS}; echo awake`;

/** A connection on which nothing is said for half a minute lives on, as `attach` needs it. */
export const idle: Check = {
  name: "exec idle",
  isDeep: true,
  async run(patient) {
    const box = await patient.box();
    try {
      const { stdout } = await box.run(["/bin/sh", "-c", IDLE]);
      return stdout === "awake\n"
        ? []
        : [changed(`after ${IDLE_SECONDS} s of silence it said ${JSON.stringify(stdout)}`)];
    } catch (error) {
      if (patient.context.signal.aborted) throw error;
      return [
        broken(
          `a connection into a pod did not outlive ${IDLE_SECONDS} s of silence: ${errorLine(error)}`,
          "raise the idle limit of the proxy or load balancer before the API server",
        ),
      ];
    }
  },
};

function changed(problem: string): Finding {
  return broken(`what runs in a pod is not what was sent: ${problem}`, "look at the proxy before the API server");
}
