import { expect } from "bun:test";
import { swallowing } from "./broken.ts";
import type { Call } from "./provider.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

/** Starts that cannot succeed: what is set, and what the one line must say (the reason and what to do). */
const BROKEN: { what: string; env: Call["env"]; says: RegExp[] }[] = [
  {
    what: "a request that no node can hold",
    env: { GC_K8S_CPU_REQUEST: "900", GC_K8S_CPU_LIMIT: "900" },
    says: [/Unschedulable: 0\/1 nodes are available/, /retry when nodes have room/],
  },
  {
    what: "a node selector that no node has",
    env: { GC_K8S_NODE_SELECTOR: '{"no":"such"}' },
    says: [/Unschedulable/, /GC_K8S_NODE_SELECTOR/],
  },
  {
    what: "an image that cannot be pulled",
    env: { GC_K8S_IMAGE: "localhost:1/nope:1" },
    says: [/ErrImagePull/, /GC_K8S_IMAGE/],
  },
  {
    what: "an image name that is none",
    env: { GC_K8S_IMAGE: "UPPER/bad::x" },
    says: [/InvalidImageName/, /correct GC_K8S_IMAGE/],
  },
  {
    what: "an absent image that is never pulled",
    env: { GC_K8S_IMAGE: "nope:1", GC_K8S_IMAGE_PULL_POLICY: "Never" },
    says: [/ErrImageNeverPull/, /load the image on the node/],
  },
  {
    what: "a missing service account",
    env: { GC_K8S_SERVICE_ACCOUNT: "nosuch" },
    says: [/serviceaccount "nosuch"/, /GC_K8S_SERVICE_ACCOUNT/],
  },
  {
    what: "a missing priority class",
    env: { GC_K8S_PRIORITY_CLASS_NAME: "nosuch" },
    says: [/no PriorityClass/, /GC_K8S_PRIORITY_CLASS_NAME/],
  },
  {
    what: "a limit below the request",
    env: { GC_K8S_CPU_LIMIT: "5m" },
    says: [/must be less than or equal to cpu limit/, /GC_K8S_CPU/],
  },
  {
    what: "a namespace that does not exist",
    env: { GC_K8S_NAMESPACE: "no-such-namespace" },
    says: [/no-such-namespace/, /GC_K8S_NAMESPACE/],
  },
  {
    what: "too little memory for anything",
    env: { GC_K8S_MEM_REQUEST: "1Mi", GC_K8S_MEM_LIMIT: "4Mi" },
    says: [/GC_K8S_MEM_LIMIT/],
  },
  {
    what: "a bad quantity",
    env: { GC_K8S_MEM_LIMIT: "1 GB" },
    says: [/GC_K8S_MEM_LIMIT="1 GB" \(environment\)/, /must be a quantity/],
  },
];

rules("start that cannot succeed", {}, [
  {
    title: "says in one line, within 10 s, why and what to do, and leaves no pod",
    async check(gc) {
      await Promise.all(BROKEN.map((row) => failsClearly(gc, row)));
    },
    broken: swallowing("start"),
  },
]);

async function failsClearly({ call, name, kubectl }: Gc, { what, env, says }: (typeof BROKEN)[number]): Promise<void> {
  const session = name();
  const { exit, stderr, ms } = await call("start", [session], "{}", env);
  expect({ what, exit, lines: stderr.trimEnd().split("\n").length }).toEqual({ what, exit: 1, lines: 1 });
  expect(stderr).not.toMatch(/already exists|not found|not running/i);
  for (const words of says) expect(stderr).toMatch(words);
  expect(ms).toBeLessThan(10_000);
  await until(() => kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name") === "");
}
