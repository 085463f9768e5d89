import { create } from "../conformance/broken-start.ts";
import { testNamespace } from "../conformance/namespace.ts";
import { executable, type Outcome, type Provider } from "../conformance/provider.ts";
import { until } from "../conformance/until.ts";
import { type Circumstance, rightsTests, type Scene } from "../security/rights.ts";
import { type ApiProxy, apiProxy, failure, type Passing } from "./api-proxy.ts";
import { recordInput } from "./gc-events.ts";
import { eventsPath } from "./provider.ts";

/** Ages are told by the server's clock, so a server whose clock is ahead makes events old. */
const HOURS_AHEAD = 30;
const LAST_SEQ = 9_999_999_999;
const EVENT = recordInput({});

const namespace = testNamespace();
const proxies: ApiProxy[] = [];

const CIRCUMSTANCES: Circumstance[] = [
  { op: "ensure-running", when: "", call: () => ({ args: [] }) },
  { op: "list", when: "", call: () => ({ args: [], stdin: "{}" }) },
  { op: "latest-seq", when: "", call: () => ({ args: [] }) },
  { op: "record", when: "", call: (scene) => ({ args: [], stdin: EVENT, env: cityOf(scene) }) },
  {
    op: "record",
    when: "the answer to its POST is lost",
    shows: ["get configmaps"],
    call: (scene) => ({ args: [], stdin: EVENT, env: { ...cityOf(scene), ...behind(scene, loser()) } }),
  },
  {
    op: "record",
    when: "it is the hundredth, and there is an old one",
    shows: ["delete configmaps"],
    exitWithout: 0,
    call(scene) {
      makeEvent(scene.name, 99);
      return { args: [], stdin: EVENT, env: { ...cityOf(scene), ...behind(scene, later), GC_K8S_EVENTS_KEEP: "0" } };
    },
  },
  {
    op: "prune",
    when: "there are old events",
    async call(scene) {
      for (let count = 0; count < 2; count++)
        await scene.real({ op: "record", args: [], stdin: EVENT, env: cityOf(scene) });
      return { args: ["--older-than=1h", "--keep=0"], env: { ...cityOf(scene), ...behind(scene, later) } };
    },
  },
  {
    op: "watch",
    when: "",
    async call(scene) {
      await scene.real({ op: "record", args: [], stdin: EVENT, env: cityOf(scene) });
      return { args: ["0"], env: cityOf(scene) };
    },
  },
];

rightsTests({
  program: "gc-events-k8s",
  circumstances: CIRCUMSTANCES,
  kubectl: namespace.kubectl,
  create: () => namespace.create(),
  async remove() {
    for (const proxy of proxies) proxy.close();
    await namespace.remove();
  },
  env: namespace.env,
  provider,
});

/** A watch lasts until it is killed: it has done its work when it has shown an old event and a new one. */
function provider(env: Record<string, string>): Provider {
  const call = executable(env, eventsPath());
  return async (request) => (request.op === "watch" ? await watch({ ...env, ...request.env }) : await call(request));
}

async function watch(env: Record<string, string | undefined>): Promise<Outcome> {
  const child = Bun.spawn([eventsPath(), "watch", "0"], {
    env: { ...process.env, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  let [stdout, stderr] = ["", ""];
  const gather = async (stream: ReadableStream<Uint8Array>, take: (text: string) => void) => {
    for await (const data of stream) take(new TextDecoder().decode(data));
  };
  const gathered = [gather(child.stdout, (text) => (stdout += text)), gather(child.stderr, (text) => (stderr += text))];
  const shown = (count: number) => until(() => stderr !== "" || stdout.split("\n").length > count, 20_000);
  await shown(1);
  const own = { ...env, KUBECONFIG: namespace.env()["KUBECONFIG"] };
  await executable(own, eventsPath())({ op: "record", args: [], stdin: EVENT });
  await shown(2);
  child.kill("SIGKILL");
  await Promise.all(gathered);
  // It says so at each attempt.
  const line = stderr.replace(/\n[\s\S]*/, "\n");
  return { exit: line ? 1 : 0, stdout, bytes: new Uint8Array(), stderr: line, ms: 0 };
}

/** Each call has a log of its own. */
function cityOf({ name }: Scene): { GC_K8S_CITY: string } {
  return { GC_K8S_CITY: name };
}

function behind({ kubeconfig }: Scene, answer: (passing: Passing) => Promise<Response>): { KUBECONFIG: string } {
  const proxy = apiProxy(kubeconfig, answer);
  proxies.push(proxy);
  return proxy.env;
}

async function later(passing: Passing): Promise<Response> {
  const answer = await passing.forward();
  answer.headers.set("date", new Date(Date.now() + HOURS_AHEAD * 3_600_000).toUTCString());
  return answer;
}

/** Loses the first answer to a POST that the server has carried out. */
function loser(): (passing: Passing) => Promise<Response> {
  let isLost = false;
  return async (passing) => {
    const answer = await passing.forward();
    if (passing.method !== "POST" || isLost || !answer.ok) return answer;
    isLost = true;
    return failure(504, "Timeout");
  };
}

function makeEvent(city: string, seq: number): void {
  create(namespace.kubectl, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `gc-event-${city}-${String(LAST_SEQ - seq).padStart(10, "0")}`,
      labels: { "gc/component": "event", "gc/city": city },
    },
    data: { event: JSON.stringify({ ...JSON.parse(EVENT), seq }) },
  });
}
