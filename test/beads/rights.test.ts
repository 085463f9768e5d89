import { executable } from "../conformance/provider.ts";
import { type Circumstance, rightsTests, type Scene } from "../security/rights.ts";
import { beadsExecutable, type StoreName, type TestPlace, testPlace } from "./test-city.ts";

/** The city whose runner calls find, and that they may stop. */
const STORE: StoreName = { city: "rights", prefix: "ri", database: "rights" };
/** Its runner's pod is gone but for its object, which stays: as one on a node that is lost. */
const LOST: StoreName = { city: "lost", prefix: "lo", database: "lost" };
/** Its runner was stopped, and nobody who lacks a right makes it anew. */
const STOPPED: StoreName = { city: "stopped", prefix: "st" };
/** `ensure-runner.ts` gives a pod so long to come to its end. */
const LOST_AFTER_MS = 31_000;

/** The rest of a call, given two beads that are there. */
type Ask = (bead: string, other: string) => { args?: string[]; stdin?: string };

/** Operations that make the runner which they miss, and how each is called. */
const MAKING: Record<string, Ask> = {
  create: () => ({ stdin: '{"title":"t"}' }),
  get: (bead) => ({ args: [bead] }),
  update: (bead) => ({ args: [bead], stdin: '{"title":"other"}' }),
  close: (bead) => ({ args: [bead] }),
  reopen: (bead) => ({ args: [bead] }),
  delete: (bead) => ({ args: ["--force", bead] }),
  list: () => ({}),
  children: (bead) => ({ args: [bead] }),
  "list-by-label": () => ({ args: ["label", "10"] }),
  ready: () => ({}),
  "set-metadata": (bead) => ({ args: [bead, "key"], stdin: "value" }),
  "dep-add": (bead, other) => ({ args: [bead, other, "blocks"] }),
  "dep-remove": (bead, other) => ({ args: [bead, other] }),
  "dep-list": (bead) => ({ args: [bead, "down"] }),
  purge: () => ({ args: ["--dry-run"] }),
  recover: () => ({}),
  init: () => ({ args: ["/city", "ri", "rights"] }),
  start: () => ({}),
  "ensure-ready": () => ({}),
};
const STOPS = ["stop", "shutdown"];
const LOOKS = ["health", "probe"];

/** Each of these has its own way to a runner that was stopped; the others have that of `create`. */
const OWN_WAYS = ["create", "init", "recover", "start"];

const CIRCUMSTANCES: Circumstance[] = [
  ...Object.entries(MAKING).flatMap(([op, ask]) => [running(op, ask), ...withoutRunner(op, ask)]),
  ...OWN_WAYS.map((op) => stopped(op, MAKING[op] ?? (() => ({})))),
  ...STOPS.map((op) => running(op, () => ({}))),
  ...LOOKS.map(healthy),
];

let place: TestPlace;

rightsTests({
  program: "gc-beads-k8s",
  circumstances: CIRCUMSTANCES,
  isSerial: true,
  unshown: { "create pods/exec": "API servers from 1.35 on ask for it, as KEP-4006 says" },
  kubectl: (...args) => place.kubectl(...args),
  async create() {
    place = await testPlace();
    await place.init(LOST);
    const pod = "gc-beads-runner-lost-0";
    place.kubectl("patch", "pod", pod, "--type=merge", '--patch={"metadata":{"finalizers":["gc-k8s.test/stay"]}}');
    place.kubectl("delete", "pod", pod, "--grace-period=1", "--wait=false");
    const since = performance.now();
    await place.init(STORE);
    for (const op of ["start", "stop"]) await place.provider(STOPPED)({ op, args: [] });
    await Bun.sleep(Math.max(0, LOST_AFTER_MS - (performance.now() - since)));
  },
  remove() {
    place.kubectl("patch", "pod", "gc-beads-runner-lost-0", "--type=merge", '--patch={"metadata":{"finalizers":null}}');
    place.remove();
  },
  env: () => place.env(STORE),
  provider: (env) => executable(env, beadsExecutable()),
});

async function ending(ask: Ask, { real }: Scene): Promise<{ args: string[]; stdin?: string }> {
  const make = async () => JSON.parse((await real({ op: "create", args: [], stdin: '{"title":"t"}' })).stdout).id;
  await real({ op: "start", args: [] });
  const [bead, other] = [ask.length > 0 ? await make() : "", ask.length > 1 ? await make() : ""];
  return { args: [], ...ask(bead, other) };
}

function running(op: string, ask: Ask): Circumstance {
  return { op, when: "the runner is there", call: (scene) => ending(ask, scene) };
}

/** What only looks sets nothing up in a runner that is new. */
function healthy(op: string): Circumstance {
  return {
    op,
    when: "the runner is there",
    async call({ real }) {
      await real({ op: "recover", args: [] });
      return { args: [] };
    },
  };
}

/** The runner is made anew, and its store set up again. */
function stopped(op: string, ask: Ask): Circumstance {
  return {
    op,
    when: "the runner was stopped",
    async call(scene) {
      const call = await ending(ask, scene);
      await scene.real({ op: "stop", args: [] });
      return call;
    },
  };
}

/** What these come to with all rights takes longer; the tests of lost nodes, of faults and of `init` show it. */
function withoutRunner(op: string, ask: Ask): Circumstance[] {
  const call = { args: [], ...ask("ri-1", "ri-2") };
  return [
    {
      op,
      when: "there never was a runner",
      shows: ["create statefulsets.apps", "get statefulsets.apps"],
      isOnlyRefused: true,
      call: ({ name }) => ({ ...call, env: { GC_K8S_CITY: name } }),
    },
    {
      op,
      when: "the runner's pod does not go away",
      shows: ["get pods", "delete pods"],
      isOnlyRefused: true,
      call: () => ({ ...call, env: { GC_K8S_CITY: LOST.city } }),
    },
    {
      op,
      when: "the runner was stopped, and stays so",
      shows: ["patch statefulsets.apps"],
      isOnlyRefused: true,
      call: () => ({ ...call, env: { GC_K8S_CITY: STOPPED.city } }),
    },
  ];
}
