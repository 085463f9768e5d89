import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processesIn } from "../../local-kubernetes/cgroups.ts";
import { type Cluster, clusterNamed } from "../../local-kubernetes/layout.ts";
import type { TestNamespace } from "../conformance/namespace.ts";
import { procFile } from "../support/proc.ts";

/** The local cluster that the tests use. */
export function localCluster(): Cluster {
  return clusterNamed(process.env["GC_TEST_CLUSTER"] ?? "default");
}

/** The text as it is, and as base64 has it at each of the three places where it can begin. */
export function formsOf(text: string): string[] {
  const inBase64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from("x".repeat(shift) + text)
      .toString("base64")
      .replace(/=+$/, "");
    // The characters at both ends depend on what stands beside the text.
    return encoded.slice(shift === 0 ? 0 : shift + 1, -1);
  });
  return [text, ...inBase64];
}

/** Of the texts those that stand somewhere in the files below a directory, in any form. */
export function inFiles(directory: string, texts: string[], scratch: string): string[] {
  const patterns = join(scratch, "patterns");
  writeFileSync(patterns, texts.flatMap(formsOf).join("\n"), { mode: 0o600 });
  const grep = Bun.spawnSync(["grep", "-rahoF", "-f", patterns, directory]);
  // Logs and etcd's files may be renamed under it; what it found still stands.
  if (grep.exitCode > 1 && !/No such file/.test(grep.stderr.toString())) throw new Error(`grep: ${grep.stderr}`);
  return inText(grep.stdout.toString(), texts);
}

/** Of the texts those that stand in the given one, in any form. */
export function inText(haystack: string, texts: string[]): string[] {
  return texts.filter((text) => formsOf(text).some((form) => haystack.includes(form)));
}

/** Everything that the API shows of a namespace, secrets and claims included. */
export function apiObjects({ kubectl }: Pick<TestNamespace, "kubectl">): string {
  return kubectl("get", "pods,events,configmaps,secrets,persistentvolumeclaims", "-o", "json", "--show-managed-fields");
}

/** A pod template that puts a recorder in the place of each of the image's programs: what runs for an instant only, as
 * most of what an operation runs in a box does, would be missed by looking again and again. */
export function recordingTemplate(image: string): string {
  const mounts = "[{ name: real, mountPath: /real }, { name: recorders, mountPath: RECORDERS }]";
  return `spec:
  initContainers:
    - name: recorders
      image: ${image}
      command:
        - sh
        - -c
        - |
          # A link would lead back to the recorder, which would call it for ever.
          cp -rL /usr/bin/. /real 2>/dev/null || :
          printf '#!/real/dash\\nprintf "%%s\\\\n" "$0 $*" >>/real/.arguments\\nexec "/real/\${0##*/}" "$@"\\n' >/recorders/.recorder
          chmod 755 /recorders/.recorder
          for program in /real/*; do ln -s .recorder "/recorders/\${program##*/}"; done
          : >/real/.arguments
      volumeMounts: ${mounts.replace("RECORDERS", "/recorders")}
  containers:
    - name: agent
      volumeMounts: ${mounts.replace("RECORDERS", "/usr/bin")}
  volumes: [{ name: real, emptyDir: {} }, { name: recorders, emptyDir: {} }]
`;
}

/** Arguments of every program of the image that was run in a box of `recordingTemplate`. */
export function recordedArguments({ kubectl }: Pick<TestNamespace, "kubectl">, pod: string): string {
  return kubectl("exec", pod, "--", "/real/cat", "/real/.arguments");
}

/** Logs of the node's containers: what a box prints, and the last screen of an agent that has ended. */
export function containerLogs({ directory }: Cluster): string {
  return join(directory, "var/log/pods");
}

/** Looks at the arguments of every process of the node, pods' included, again and again. */
export class ProcessLists {
  readonly #seen = new Set<string>();
  #looks = 0;
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(cluster: Cluster) {
    this.#done = this.#watch(cluster);
  }

  /** How often the list was read. */
  get looks(): number {
    return this.#looks;
  }

  /** Every command line that was seen; ends the watch. */
  async end(): Promise<string> {
    this.#isOver = true;
    await this.#done;
    return [...this.#seen].join("\n");
  }

  async #watch({ cgroup }: Cluster): Promise<void> {
    // What is there before belongs to others; finding members by cgroup costs more than reading all command lines.
    if (processesIn(cgroup).length === 0) throw new Error(`no process is in the cgroup ${cgroup}`);
    while (!this.#isOver) {
      for (const entry of readdirSync("/proc")) if (/^\d+$/.test(entry)) this.#seen.add(procFile(entry, "cmdline"));
      this.#looks++;
      await Bun.sleep(5);
    }
  }
}
