import { type BrokenStart, create, failClearly, NO_RETRY, RETRY, vague } from "./broken-start.ts";
import type { TestNamespace } from "./namespace.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

const CREDENTIALS = "name a secret that may pull the image in GC_K8S_IMAGE_PULL_CREDENTIALS, or correct GC_K8S_IMAGE";
const WAY = "check GC_K8S_IMAGE and the node's way to its registry";

/** Images that cannot be had, or are none. */
const IMAGES: BrokenStart[] = [
  {
    what: "a registry that does not answer, and a pull secret that does not exist",
    env: { GC_K8S_IMAGE: "localhost:1/nope:1", GC_K8S_IMAGE_PULL_CREDENTIALS: "nosuch" },
    says: new RegExp(
      `pod "POD": (ErrImagePull|ImagePullBackOff): .*connection refused.* \\(Unable to retrieve some image pull secrets \\(nosuch\\).*\\); ${WAY}; ${RETRY}`,
    ),
  },
  {
    what: "an image name that is none",
    env: { GC_K8S_IMAGE: "UPPER/bad::x" },
    says: new RegExp(`pod "POD": InvalidImageName: .*invalid reference format; correct GC_K8S_IMAGE; ${NO_RETRY}`),
  },
  {
    what: "an absent image that is never pulled",
    env: { GC_K8S_IMAGE: "nope:1", GC_K8S_IMAGE_PULL_POLICY: "Never" },
    says: new RegExp(
      `pod "POD": ErrImageNeverPull: Container image "nope:1" is not present with pull policy of Never; load the image on the node or change GC_K8S_IMAGE_PULL_POLICY; ${NO_RETRY}`,
    ),
  },
  ...(
    [
      [401, "a private image", CREDENTIALS, NO_RETRY],
      [403, "an image that these credentials may not pull", CREDENTIALS, NO_RETRY],
      [404, "an image that the registry has not", "push the image or correct GC_K8S_IMAGE", NO_RETRY],
      [500, "a registry that is broken", WAY, RETRY],
    ] as const
  ).map(
    ([status, what, fix, retry]): BrokenStart => ({
      what,
      prepare: (namespace) => registry(namespace, status),
      says: new RegExp(`pod "POD": (ErrImagePull|ImagePullBackOff): .+; ${fix}; ${retry}`),
    }),
  ),
  {
    what: "an image without a shell",
    prepare: ({ kubectl }) => ({ GC_K8S_IMAGE: pauseImage(kubectl) }),
    says: new RegExp(
      `pod "POD": StartError \\(exit code 128\\): .*/bin/sh.*no such file.*; use an image that has sh, bash, tmux, tar, awk and flock as GC_K8S_IMAGE; ${NO_RETRY}`,
    ),
  },
];

rules("start of an image that cannot be had", {}, [
  {
    title: "an image that cannot be pulled or run: the runtime's words, the fix and whether to retry, within 10 s",
    check: (gc) => failClearly(gc, IMAGES),
    broken: vague,
    alone: true,
  },
]);

/** Serves, on the node's own loopback where registries need no TLS, one answer to whatever is asked. */
const REGISTRY = `
use IO::Socket::INET;
my ($status) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 16, ReuseAddr => 1) or die;
$| = 1; print "port ", $server->sockport, "\\n";
while (my $client = $server->accept) {
  while (<$client>) { last if /^\\r?$/ }
  my $header = $status == 401 ? "WWW-Authenticate: Basic realm=\\"test\\"\\r\\n" : "";
  print $client "HTTP/1.1 $status No\\r\\n\${header}Content-Length: 0\\r\\nConnection: close\\r\\n\\r\\n";
  close $client;
}`;

/** A registry on the node that answers every request with one status; returns the environment that pulls from it. */
async function registry({ kubectl, env }: TestNamespace, status: number): Promise<Record<string, string>> {
  const name = "registry";
  create(kubectl, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name,
          image: env()["GC_K8S_IMAGE"],
          command: ["perl", "-e", REGISTRY, `${status}`],
          imagePullPolicy: "Never",
        },
      ],
    },
  });
  let port: string | undefined;
  await until(() => {
    const { phase } = JSON.parse(kubectl("get", "pod", name, "-o", "json")).status;
    port = phase === "Running" ? /port (\d+)/.exec(kubectl("logs", name))?.[1] : undefined;
    return port !== undefined;
  }, 30_000);
  return { GC_K8S_IMAGE: `localhost:${port}/agent:1` };
}

/** The image of pods' sandboxes, which every node has, holds nothing but one program. */
function pauseImage(kubectl: TestNamespace["kubectl"]): string {
  const { items } = JSON.parse(kubectl("get", "nodes", "-o", "json")) as {
    items: { status: { images?: { names: string[] }[] } }[];
  };
  const names = items.flatMap(({ status }) => status.images ?? []).flatMap((image) => image.names);
  return names.find((name) => /pause[:@]/.test(name)) ?? "no pause image on the node";
}
