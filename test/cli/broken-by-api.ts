import type { Breakage, BrokenCluster } from "./broken-cluster.ts";
import { shortLivedConnections } from "./short-lived-connections.ts";
import { changedKubeconfig } from "./user-kubeconfig.ts";

/** Clusters that cannot be reached as they should be, or whose API server is not fit. */
export const brokenByApi: BrokenCluster[] = [
  {
    title: "nothing listens where the kubeconfig points to",
    breakIt: ({ env, scratch }) => kubeconfig(env, scratch, { server: "https://127.0.0.1:1" }),
    finds: { check: "api", level: "error", says: /refuses connections/ },
  },
  {
    title: "the kubeconfig names another authority",
    breakIt: ({ env, scratch }) => kubeconfig(env, scratch, { "certificate-authority-data": undefined }),
    finds: { check: "api", level: "error", says: /certificate|authority/ },
  },
  {
    title: "the credentials are refused",
    breakIt: ({ env, scratch }) => ({
      env: {
        KUBECONFIG: changedKubeconfig(env["KUBECONFIG"] ?? "", scratch, ({ users }) => ({
          users: users.map(({ name }) => ({ name, user: { token: "wrong" } })),
        })),
      },
    }),
    finds: { check: "api", level: "error", says: /refuses our credentials/ },
  },
  {
    title: "the context is absent",
    breakIt: () => ({ env: { GC_K8S_CONTEXT: "absent" } }),
    finds: { check: "api", level: "error", says: /absent/ },
  },
  {
    title: "the API server never answers",
    breakIt: () => ({ answer: () => new Promise(() => undefined) }),
    finds: { check: "api", level: "error", says: /no answer|not seen in time/ },
  },
  {
    title: "the cluster is too old",
    breakIt: () => ({
      answer: async ({ url }) =>
        url.pathname === "/version" ? Response.json({ major: "1", minor: "27+", gitVersion: "v1.27.3" }) : undefined,
    }),
    finds: { check: "version and clock", level: "error", says: /v1\.27\.3/ },
  },
  {
    title: "clocks differ",
    breakIt: () => ({
      answer: async ({ url, forward }) => {
        if (url.pathname !== "/version") return undefined;
        const answer = await forward();
        answer.headers.set("date", new Date(Date.now() - 600_000).toUTCString());
        return answer;
      },
    }),
    finds: { check: "version and clock", level: "error", says: /differ by (59|60)\d s/ },
  },
  {
    title: "a proxy does not pass WebSockets",
    // The proxy of the tests is one of these.
    breakIt: () => ({ answer: () => undefined }),
    finds: { check: "exec", level: "error", says: /no command can be run in a pod/ },
  },
  {
    title: "a load balancer ends every connection after 12 s",
    async breakIt({ env, scratch }) {
      const config = Bun.YAML.parse(await Bun.file(env["KUBECONFIG"] ?? "").text()) as Clusters;
      const { hostname, port } = new URL(config.clusters[0].cluster.server);
      const proxy = await shortLivedConnections({ host: hostname, port: Number(port) }, 12_000);
      const server = `https://127.0.0.1:${proxy.port}`;
      return { ...kubeconfig(env, scratch, { server, "tls-server-name": hostname }), mend: proxy.close };
    },
    options: ["--deep"],
    finds: { check: "exec idle", level: "error", says: /did not outlive 30 s of silence/ },
  },
  {
    title: "the image is for another architecture",
    // No node here has such an image: these are the words of containerd and runc on one that has.
    breakIt: () => ({ answer: endsAs("StartError", 'exec: "/bin/sh": exec format error') }),
    finds: { check: "image", level: "error", says: /does not run on its node: .*exec format error/ },
  },
  {
    title: "no storage class is the default",
    breakIt: () => ({
      env: { GC_K8S_WORKSPACE: "claim" },
      answer: async ({ url }) =>
        url.pathname.endsWith("/storageclasses")
          ? Response.json({ items: [{ metadata: { name: "slow" } }] })
          : undefined,
    }),
    finds: { check: "storage", level: "error", says: /no default storage class/ },
  },
];

interface Clusters {
  clusters: [{ cluster: { server: string } }];
}

/** The pod that the doctor makes ends at once, for this reason. */
function endsAs(reason: string, message: string): NonNullable<Breakage["answer"]> {
  let pod: { status?: object } | undefined;
  return async ({ method, url, forward }) => {
    if (method === "POST" && url.pathname.endsWith("/pods") && !url.searchParams.has("dryRun")) {
      const answer = await forward();
      pod = (await answer.clone().json()) as typeof pod;
      return answer;
    }
    if (!url.searchParams.has("watch") || !pod) return undefined;
    const state = { terminated: { reason, message, exitCode: 128 } };
    const object = { ...pod, status: { phase: "Failed", containerStatuses: [{ name: "agent", state }] } };
    return new Response(`${JSON.stringify({ type: "MODIFIED", object })}\n`);
  };
}

function kubeconfig(
  env: Record<string, string>,
  scratch: string,
  change: Record<string, string | undefined>,
): Breakage {
  const path = changedKubeconfig(env["KUBECONFIG"] ?? "", scratch, (config) => {
    const [first] = config["clusters"] as { name: string; cluster: object }[];
    return { clusters: [{ ...first, cluster: { ...first?.cluster, ...change } }] };
  });
  return { env: { KUBECONFIG: path } };
}
