import { join } from "node:path";
import { loadConnection } from "../src/kube/connection.ts";
import { KubeClient } from "../src/kube/request.ts";
import { list } from "../src/kube/watch.ts";

/** The cluster that the demo runs on. */
export interface DemoCluster {
  /** For the first line that the user reads. */
  description: string;
  /** Environment that leads to the cluster and names the agents' image. */
  env: Record<string, string>;
  /** One line about the pod of the city's only session, as Kubernetes sees it. */
  podFacts(namespace: string, city: string): Promise<string>;
}

/** Brings up the local Kubernetes, or uses the one that is up. */
export async function localCluster(): Promise<DemoCluster> {
  const cluster = join(import.meta.dir, "../local-kubernetes/cluster.ts");
  const up = Bun.spawnSync([process.execPath, cluster, "up"], { stdio: ["ignore", "ignore", "inherit"] });
  if (up.exitCode !== 0) throw new Error("The demo failed: the local Kubernetes did not come up (see above)");
  const status = Bun.spawnSync([process.execPath, cluster, "status", "-o", "json"], { stderr: "inherit" });
  const { kubeconfig, images } = JSON.parse(status.stdout.toString()) as {
    kubeconfig: string;
    images: { agent: string };
  };
  return target("the local Kubernetes", { KUBECONFIG: kubeconfig, GC_K8S_IMAGE: images.agent });
}

/** A cluster of the user's: nothing is built or brought up for it. */
export function ownCluster(options: { context?: string; kubeconfig?: string; image?: string }): DemoCluster {
  const image = options.image ?? process.env["GC_K8S_IMAGE"];
  if (!image)
    throw new Error(
      "Cannot run the demo: name an image that the cluster can pull and that holds tmux, bash and git (--image IMAGE)",
    );
  return target(options.context ? `context "${options.context}"` : `the cluster of "${options.kubeconfig}"`, {
    GC_K8S_IMAGE: image,
    ...(options.context && { GC_K8S_CONTEXT: options.context }),
    ...(options.kubeconfig && { KUBECONFIG: options.kubeconfig }),
  });
}

function target(description: string, env: Record<string, string>): DemoCluster {
  return { description, env, podFacts: (namespace, city) => podFacts(env, namespace, city) };
}

interface PodFacts {
  metadata: { name: string; creationTimestamp: string };
  spec: { nodeName: string };
  status: { phase: string; podIP: string; containerStatuses: { restartCount: number }[] };
}

async function podFacts(env: Record<string, string>, namespace: string, city: string): Promise<string> {
  const context = env["GC_K8S_CONTEXT"];
  const client = new KubeClient(loadConnection({ env: { ...process.env, ...env }, ...(context && { context }) }));
  const { items } = await list<PodFacts>(client, {
    path: `/api/v1/namespaces/${namespace}/pods`,
    what: "GET pods of the demo",
    labelSelector: `app=gc-agent,gc-city=${city}`,
    signal: AbortSignal.timeout(10_000),
  });
  const pod = items[0];
  if (!pod) throw new Error("The demo failed: Kubernetes shows no pod of the session");
  const { metadata, spec, status } = pod;
  return `pod ${metadata.name}: ${status.phase} on ${spec.nodeName}, IP ${status.podIP}, created ${metadata.creationTimestamp}`;
}
