import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startBarePod } from "./bare-pod.ts";
import { phases } from "./operation-log.ts";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must, runProcess } from "./run-process.ts";
import { sessionPod } from "./session.ts";

const FILES = 5_000;
const FILE_BYTES = 40_000;
const DIRECTORIES = 50;
const RECEIVER = "receiver";

/** A start that stages a large tree, beside tar through `kubectl exec` into a pod that runs already.
 * What was sent stays until the namespace goes: for minutes after many files were removed, ext4 passes over their inodes
 * one by one (`recently_deleted`), which made either side two or three times slower in no order. */
export async function stagingContest(place: Place): Promise<Contest> {
  const tree = join(place.scratch, "tree");
  makeTree(tree);
  await startBarePod(place, RECEIVER);
  let round = 0;
  let sent = 0;
  return {
    async ours() {
      const session = `staged-${round++}`;
      const log = join(place.scratch, `${session}.log`);
      const config = { work_dir: tree, command: "sleep 1000000" };
      const call = { stdin: JSON.stringify(config), env: { GC_K8S_LOG: log } };
      const { ms, MB } = place.oursWithMemory(["start", session], call);
      const { name } = (await sessionPod(place, session)).metadata;
      assertComplete(place, name, "/workspace");
      return { ms, MB, ...phases(log) };
    },
    theirs: {
      "tar | kubectl exec": async () => ({ ms: sendByTar(place, tree, RECEIVER, `/tmp/tree-${sent++}`) }),
    },
  };
}

/** Sends a tree into a pod by tar and kubectl and checks that all of it arrived; the time of the sending. */
export function sendByTar(place: Place, tree: string, pod: string, target: string): number {
  place.kubectl("exec", pod, "--", "mkdir", target);
  const { kubectl, kubeconfig } = place.cluster;
  const send = `set -o pipefail; tar c -C "$1" . | "$2" --kubeconfig "$3" -n "$4" exec -i "$5" -- tar x -C "$6"`;
  const { ms } = runProcess({
    command: ["bash", "-c", send, "send", tree, kubectl, kubeconfig, place.namespace, pod, target],
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" },
  });
  assertComplete(place, pod, target);
  return ms;
}

/** Makes the tree that is sent: 5,000 files of 200 MB in all. */
export function makeTree(root: string): void {
  for (let directory = 0; directory < DIRECTORIES; directory++) {
    const path = join(root, `directory-${directory}`);
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < FILES / DIRECTORIES; file++)
      writeFileSync(join(path, `file-${file}`), crypto.getRandomValues(new Uint8Array(FILE_BYTES)));
  }
}

/** Throws unless the pod holds the whole tree. */
export function assertComplete(place: Place, pod: string, directory: string): void {
  const count = `find "$1" -type f -size ${FILE_BYTES}c | wc -l`;
  const { stdout } = place.kubectl("exec", pod, "--", "sh", "-c", count, "count", directory);
  must(Number(stdout) === FILES, `${Number(stdout)} of ${FILES} files arrived in ${directory}`);
}
