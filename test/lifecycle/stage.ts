import type { TestNamespace } from "../conformance/namespace.ts";
import { type Agent, newToken, startConfig } from "../support/gc/agent.ts";
import { type City, makeCity } from "../support/gc/city.ts";
import { type Caller, type GcProcess, gcProcess } from "../support/gc/gc-process.ts";
import { type StartLimits, type StartReport, startAgent } from "../support/gc/start-agent.ts";

/** One city with its gc on a namespace of the cluster. */
export interface Stage {
  gc(caller: Caller): GcProcess;
  /** Starts the agent as the supervisor would. */
  start(gc: GcProcess, agent: Agent, limits?: StartLimits): Promise<StartReport>;
  config(agent: Agent): string;
  /** Runs a command in the session's pod, behind the provider. */
  inPod(session: string, ...command: string[]): string;
  remove(): void;
}

/** Sets a city up; `name` is its GC_K8S_CITY. */
export function makeStage(namespace: TestNamespace, name: string): Stage {
  const city: City = makeCity();
  const executable = process.env["GC_TEST_EXECUTABLE"] ?? `${import.meta.dir}/../../dist/gc-session-k8s`;
  const env = { ...namespace.env(), GC_K8S_CITY: name };
  const config = (agent: Agent) => startConfig(agent, city, env);
  return {
    config,
    gc: (caller) => gcProcess(caller, { executable, home: city.home, env }),
    start: (gc, agent, limits) => startAgent(gc, agent, config(agent), limits),
    inPod(session, ...command) {
      const labels = `gc-session=${session},gc-city=${name}`;
      const pod = namespace.kubectl("get", "pods", "-l", labels, "-o", "name").trim();
      return namespace.kubectl("exec", pod, "--", ...command);
    },
    remove: city.remove,
  };
}

/** A named session, mode always: an interactive shell. */
export function clerk(): Agent {
  return {
    session: "clerk",
    alias: "clerk",
    sessionId: "tc-fm3p",
    instanceToken: newToken(),
    runtimeEpoch: 2,
    rig: "",
    command: "bash --norc -i",
    processNames: ["bash"],
    nudge: "echo ready-$((40 + 2))",
    more: {
      pre_start: ["mkdir -p notes && date > notes/pre.txt"],
      session_setup: ["echo setup for clerk > /tmp/setup1"],
    },
  };
}

/** A pool session of a rig's agent, one for each bead of work. */
export function fixer(bead: string): Agent {
  return {
    session: `fixer-${bead}`,
    alias: "app/fixer",
    sessionId: bead,
    instanceToken: newToken(),
    runtimeEpoch: 2,
    rig: "app",
    command: "sh -c 'while true; do date; sleep 5; done'",
    processNames: ["sleep", "sh"],
  };
}
