import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testNamespace } from "../conformance/namespace.ts";
import { clusterStatus } from "../support/cluster.ts";
import { type Answer, beginCall, type RunningCall } from "../support/gc/provider-process.ts";

/** What a call is made of. */
export interface GroundCall {
  op: string;
  args: string[];
  stdin?: string;
  /** On top of the ground's own variables. */
  env?: Record<string, string>;
  limitMs?: number;
}

/** A namespace in which an executable is put under faults, and a way to look behind it. */
export interface Ground {
  executable: string;
  kubeconfig: string;
  env: Record<string, string>;
  /** Begins a call as gc makes it. */
  begin(call: GroundCall): RunningCall;
  call(call: GroundCall): Promise<Answer>;
  /** A call without any fault, which must succeed. */
  ok(op: string, args: string[], stdin?: string): Promise<string>;
  /** kubectl with a direct way to the API server. */
  kubectl(...args: string[]): Promise<string>;
  /** Name of the session's pod; "" = it has none. */
  podOf(session: string): Promise<string>;
  /** Runs a shell script in the session's box by kubectl. */
  inBox(session: string, script: string): Promise<string>;
  /** The same ground under another executable. */
  under(executable: string): Ground;
  remove(): Promise<void>;
}

/** Executable that this tree builds, unless the tests are pointed at another one. */
export function executableUnderTest(): string {
  return process.env["GC_TEST_EXECUTABLE"] ?? ownExecutable();
}

/** Executable that this tree builds. */
export function ownExecutable(): string {
  return join(import.meta.dir, "../../dist/gc-session-k8s");
}

/** Makes a namespace of its own for one suite. */
export async function faultGround(executable = executableUnderTest()): Promise<Ground> {
  const namespace = testNamespace();
  await namespace.create();
  const { kubeconfig, kubectl: kubectlPath } = await clusterStatus(process.env["GC_TEST_CLUSTER"]);
  const home = mkdtempSync(join(tmpdir(), "fault-ground-"));
  const own = namespace.env();
  const env = {
    ...own,
    HOME: home,
    PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    LANG: "C.UTF-8",
    // What a provider of shell and kubectl needs.
    KUBECTL: kubectlPath,
    NAMESPACE: own["GC_K8S_NAMESPACE"] ?? "",
  };

  async function kubectl(...args: string[]): Promise<string> {
    const command = [kubectlPath, "--kubeconfig", kubeconfig, "-n", env.NAMESPACE, ...args];
    const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    if ((await child.exited) !== 0) throw new Error(`kubectl ${args.join(" ").slice(0, 200)}: ${stderr}`);
    return stdout;
  }
  async function podOf(session: string): Promise<string> {
    const path = "jsonpath={.items[*].metadata.name}";
    return (await kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", path)).trim();
  }
  async function inBox(session: string, script: string): Promise<string> {
    return await kubectl("exec", await podOf(session), "-c", "agent", "--", "sh", "-c", script);
  }

  function of(path: string): Ground {
    const begin: Ground["begin"] = ({ env: more, ...rest }) =>
      beginCall({ executable: path, env: { ...env, ...more }, cwd: home, ...rest });
    return {
      executable: path,
      kubeconfig,
      env,
      begin,
      call: (call) => begin(call).done,
      async ok(op, args, stdin) {
        const { exit, stdout, stderr } = await begin({ op, args, ...(stdin !== undefined && { stdin }) }).done;
        if (exit !== 0) throw new Error(`${op} ${args.join(" ")} without a fault: ${stderr}`);
        return stdout.toString();
      },
      kubectl,
      podOf,
      inBox,
      under: of,
      async remove() {
        rmSync(home, { recursive: true });
        await namespace.remove();
      },
    };
  }
  return of(executable);
}

/** Command of an agent that reads its terminal in raw mode and keeps every byte in /tmp/read. */
export const RAW_READER = `cat > reader.py <<'END'
import os, sys, tty
tty.setraw(0)
out = open("/tmp/read", "wb", buffering=0)
os.write(1, b"\\x1b[?2004h" * (sys.argv[1:] == ["paste"]) + b"ready")
while True:
    out.write(os.read(0, 65536))
END
exec python3 reader.py`;
