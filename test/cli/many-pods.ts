import type { TestNamespace } from "../conformance/namespace.ts";

/** Objects of `count` running sessions of city "test", on no node, with status set through the API. */
export async function makeSessionObjects(namespace: TestNamespace, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `many-${String(index).padStart(3, "0")}`);
  const [cluster] = (
    JSON.parse(namespace.kubectl("config", "view", "--raw", "--flatten", "--minify", "-o", "json")) as Kubeconfig
  ).clusters;
  const { users } = JSON.parse(
    namespace.kubectl("config", "view", "--raw", "--flatten", "--minify", "-o", "json"),
  ) as Kubeconfig;
  const { server, "certificate-authority-data": ca } = cluster.cluster;
  const { "client-certificate-data": cert, "client-key-data": key } = users[0].user;
  const tls = { ca: atob(ca), cert: atob(cert), key: atob(key) };
  const path = `${server}/api/v1/namespaces/${namespace.env()["GC_K8S_NAMESPACE"]}/pods`;
  async function send(method: string, url: string, body: object): Promise<void> {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const headers = { "Content-Type": type };
    const response = await fetch(url, { method, tls, headers, body: JSON.stringify(body) } as BunFetchRequestInit);
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
  async function makeNext(): Promise<void> {
    for (let name = names.shift(); name; name = names.shift()) {
      await send("POST", path, sessionObject(name));
      await send("PATCH", `${path}/gc-${name}/status`, { status: RUNNING });
    }
  }
  await Promise.all(Array.from({ length: 8 }, makeNext));
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
  users: [{ user: { "client-certificate-data": string; "client-key-data": string } }];
}

const SINCE = "2026-01-01T00:00:00Z";
const RUNNING = {
  phase: "Running",
  startTime: SINCE,
  conditions: [{ type: "Ready", status: "True", lastTransitionTime: SINCE }],
  containerStatuses: [
    {
      name: "agent",
      image: "none",
      imageID: "",
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: SINCE } },
    },
  ],
};

/** A pod that no scheduler takes, as large as a real one by its annotations. */
function sessionObject(session: string): object {
  return {
    metadata: {
      name: `gc-${session}`,
      labels: { app: "gc-agent", "gc-session": session, "gc-agent": "many", "gc-city": "test" },
      annotations: {
        "gc-session-name": session,
        "gc-city-name": "test",
        "gc-launched": "1",
        "gc-padding": "x".repeat(2000),
      },
    },
    spec: { schedulerName: "none", containers: [{ name: "agent", image: "none" }] },
  };
}
