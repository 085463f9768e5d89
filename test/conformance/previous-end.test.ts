import { expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calling, failing } from "./broken.ts";
import { create } from "./broken-start.ts";
import type { Call, Provider } from "./provider.ts";
import { type Gc, rules } from "./rules.ts";
import { agentStatus } from "./silent-node.ts";
import { until } from "./until.ts";

/** Stands on the agent's screen when it ends, as a secret may. */
const CANARY = "canary-31d7";

/** Ends of a session and what the next start has to tell of each. */
const ENDS: { what: string; command: string; env?: Call["env"]; limitMs?: number; tells: object }[] = [
  {
    what: "an exit code",
    command: `echo ${CANARY}; exit 3`,
    tells: { cause: "exited", exitCode: 3, reason: "Error", node: expect.any(String), endedAt: expect.any(String) },
  },
  {
    what: "a signal",
    command: `echo ${CANARY}; kill -SEGV $$`,
    tells: { cause: "exited", exitCode: 139, signal: "11" },
  },
  {
    what: "no memory left",
    command: `echo ${CANARY}; sleep 1; tail /dev/zero`,
    env: { GC_K8S_MEM_LIMIT: "64Mi" },
    tells: { reason: "OOMKilled", exitCode: 137 },
  },
  {
    what: "an eviction by its node",
    command: `echo ${CANARY}; head -c 30M /dev/zero >/workspace/big; exec sleep 600`,
    env: { GC_K8S_WORKSPACE_SIZE: "8Mi" },
    // The kubelet weighs a volume once a minute, and looks at what it knows every 10 s.
    limitMs: 100_000,
    tells: { reason: "Evicted", message: expect.stringMatching(/exceeds the limit "8Mi"/) },
  },
];

rules("why the session ended", {}, [
  ...ENDS.map(({ what, command, env, limitMs, tells }) => ({
    title: `the start after ${what} tells how the session ended, in the pod and in the operation log`,
    async check(gc: Gc) {
      const session = await gc.start({ command }, env);
      await until(async () => (await gc.ok("is-running", [session])) === "false\n", limitMs);
      const { previous } = await startLogged(gc, session);
      expect(previous).toMatchObject(tells);
      const { metadata } = podOf(gc, session);
      expect(JSON.parse(metadata.annotations["gc-previous-end"])).toMatchObject(tells);
      // What the screen showed is for the log alone; an evicted box leaves none.
      expect(JSON.stringify(metadata)).not.toContain(CANARY);
      if (!("message" in tells)) expect(previous.lastLines.join("\n")).toContain(CANARY);
    },
    broken: stoppingFirst,
    timeoutMs: 180_000,
  })),
  {
    title: "a start right after the agent's end, which the API does not show yet, tells it, too",
    async check(gc) {
      const session = await gc.start({ command: "exit 4" });
      const { previous } = await startLogged(gc, session);
      expect(previous).toMatchObject({ cause: "exited", exitCode: 4 });
    },
    broken: stoppingFirst,
  },
  {
    title: "a start that finds the pod being evicted waits for its end and tells of the eviction",
    async check(gc) {
      const { kubectl } = gc;
      const session = await gc.start();
      const { name, namespace } = podOf(gc, session).metadata;
      hold(kubectl, name, ["gc-k8s.test/wait"]);
      evict(kubectl, namespace, name);
      const started = startLogged(gc, session);
      await Bun.sleep(1_000);
      hold(kubectl, name, null);
      expect((await started).previous).toMatchObject({ reason: "EvictionByEvictionAPI", cause: "stopped" });
    },
    broken: stoppingFirst,
  },
  {
    title: "a session whose box was killed as a whole tells when, and has no metadata any more",
    async check(gc) {
      const session = await gc.start({ command: "sleep 300", env: { GC_SESSION_ID: "tc-3" } });
      const { name, labels, annotations } = podOf(gc, session).metadata;
      await gc.ok("stop", [session]);
      // An OOM that takes PID 1, too, leaves no message; no test can make one, so its pod is made again without.
      create(gc.kubectl, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, labels, annotations },
        spec: { nodeName: "gone", containers: [{ name: "agent", image: gc.image }] },
      });
      const terminated = { exitCode: 137, reason: "OOMKilled", finishedAt: "2026-01-02T03:04:05Z" };
      const status = { phase: "Failed", containerStatuses: [agentStatus({ terminated })] };
      gc.kubectl("patch", "pod", name, "--subresource=status", "-p", JSON.stringify({ status }));
      expect(await gc.ok("is-running", [session])).toBe("false\n");
      expect(await gc.ok("get-meta", [session, "GC_SESSION_ID"])).toBe("");
      expect(await gc.ok("get-last-activity", [session])).toBe("2026-01-02T03:04:05Z\n");
    },
    broken: failing("get-meta"),
  },
  {
    title: "a start of a new session reads nothing for it: one POST, one watch, one exec, one PATCH",
    async check(gc) {
      const { requests, retries, previous } = await startLogged(gc, gc.name());
      expect({ requests, retries, previous }).toEqual({ requests: 4, retries: 0, previous: undefined });
    },
    // A limit has to be counted, which is a request more.
    broken: calling("start", (call) => ({ ...call, env: { ...call.env, GC_K8S_MAX_PENDING: "9" } })),
  },
]);

/** Breaks the rules: removes what the start would have told of. */
function stoppingFirst(real: Provider): Provider {
  return async (call) => {
    // The pod of a first start is not there, so this changes nothing for it.
    if (call.op === "start") await real({ op: "stop", args: call.args });
    return await real(call);
  };
}

/** Finalizers keep a pod in the API that nothing runs in any more. */
function hold(kubectl: Gc["kubectl"], pod: string, finalizers: string[] | null): void {
  kubectl("patch", "pod", pod, "--type=merge", "-p", JSON.stringify({ metadata: { finalizers } }));
}

function evict(kubectl: Gc["kubectl"], namespace: string, name: string): void {
  const folder = mkdtempSync(join(tmpdir(), "eviction-"));
  const file = join(folder, "eviction.json");
  writeFileSync(file, JSON.stringify({ apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } }));
  try {
    kubectl("create", "--raw", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, "-f", file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Starts the session anew and returns the line of its operation log. */
async function startLogged(gc: Gc, session: string) {
  const folder = mkdtempSync(join(tmpdir(), "log-"));
  try {
    const log = join(folder, "log");
    await gc.ok("start", [session], JSON.stringify({ command: "sleep 600" }), { GC_K8S_LOG: log });
    return JSON.parse(readFileSync(log, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function podOf({ kubectl }: Gc, session: string) {
  return JSON.parse(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "json")).items[0];
}
