import runnerScript from "./beads-runner.sh" with { type: "text" };
import { Annotation, BEADS_RUNNER_APP, Label, RunnerAnnotation, RunnerLabel } from "./labels.ts";
import { labelValue, sha256 } from "./names.ts";
import { runnerName } from "./runner-names.ts";

/** Everything that a city's beads runner is made from. */
export interface BeadsRunnerInput {
  city: string;
  namespace: string;
  image: string;
  imagePullPolicy: string;
  /** Names of the secrets that the image is pulled with. */
  imagePullSecrets: string[];
  serviceAccount: string;
  /** The Dolt server of scopes that have none of their own. */
  dolt: { host: string; port: string; user: string; isEncrypted: boolean };
  /** Secret with the Dolt server's `password`, and `user` if it is not that of the settings; "" = none. */
  doltSecret: string;
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  /** Most `bd` processes at a time. */
  slots: number;
}

/** Name of the container that `bd` runs in. */
export const RUNNER_CONTAINER = "beads";

/** Directory in the runner, a volume in memory, with the state of each scope; lost with the pod and made again. */
export const RUNNER_HOME = "/run/gc-beads";

/** Directory of the runner that the Dolt server's Secret is mounted at. */
export const DOLT_SECRET_DIR = "/run/gc-dolt";

/** Any id but 0 does: the runner writes to its volumes only, and images differ in the ids that they know. */
const USER = 1000;

/** What makes `bd` work for a program: nothing asked, nothing sent, nothing exported, no server of its own. */
const BD_ENV: Record<string, string> = {
  BD_NON_INTERACTIVE: "1",
  BD_DISABLE_METRICS: "1",
  BD_DISABLE_EVENT_FLUSH: "1",
  BD_NO_PAGER: "1",
  BD_LAST_TOUCHED_FALLBACK: "0",
  BD_EXPORT_AUTO: "false",
  BD_BACKUP_ENABLED: "false",
  BEADS_BACKUP_ENABLED: "false",
  BD_ROUTING_MODE: "off",
  BEADS_ROUTING_MODE: "off",
  BD_DOLT_AUTO_PUSH: "false",
  BD_DOLT_SYNC_CLI_REMOTES: "false",
  BEADS_DOLT_SYNC_CLI_REMOTES: "false",
  BEADS_DOLT_AUTO_START: "0",
  // Without these bd asks git for each bead that it creates, and warns of what it is not told.
  GIT_AUTHOR_EMAIL: "gc@localhost",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "beads.role",
  GIT_CONFIG_VALUE_0: "maintainer",
};

/** What tells runners of different cities apart inside of them; a script meant for another one ends at once. */
export function runnerIdentity(input: { city: string; namespace: string }): string {
  return sha256(`${input.namespace}\0${input.city}`).slice(0, 32);
}

/** Hash of what the pod is made from: a runner with another one is out of date. */
export function runnerSpec(input: BeadsRunnerInput): string {
  return sha256(JSON.stringify(podTemplate(input))).slice(0, 16);
}

/** The city's runner: a StatefulSet of one, whose pod has a fixed name and passes Pod Security `restricted`. */
export function beadsRunner(input: BeadsRunnerInput) {
  const { metadata, spec } = podTemplate(input);
  const annotations = { [Annotation.cityName]: input.city, [RunnerAnnotation.spec]: runnerSpec(input) };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: runnerName(input.city), namespace: input.namespace, labels: metadata.labels, annotations },
    spec: {
      replicas: 1,
      serviceName: runnerName(input.city),
      podManagementPolicy: "Parallel",
      selector: { matchLabels: selector(input) },
      template: { metadata: { ...metadata, annotations }, spec },
    },
  };
}

function selector(input: BeadsRunnerInput): Record<string, string> {
  return { [Label.app]: BEADS_RUNNER_APP, [RunnerLabel.name]: runnerName(input.city) };
}

function podTemplate(input: BeadsRunnerInput): { metadata: { labels: Record<string, string> }; spec: object } {
  const lost = { operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 };
  const labels = {
    ...selector(input),
    [Label.city]: labelValue(input.city),
    "app.kubernetes.io/managed-by": "gascity",
    "gc/component": "beads-runner",
  };
  const spec = {
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(input.serviceAccount && { serviceAccountName: input.serviceAccount }),
    ...(input.imagePullSecrets.length > 0 && { imagePullSecrets: input.imagePullSecrets.map((name) => ({ name })) }),
    // It holds nothing: a lost node costs it half a minute, not five.
    tolerations: [
      { key: "node.kubernetes.io/not-ready", ...lost },
      { key: "node.kubernetes.io/unreachable", ...lost },
    ],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container(input)],
    volumes: [
      { name: "state", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
      { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
      ...(input.doltSecret
        ? [{ name: "dolt", secret: { secretName: input.doltSecret, optional: true, defaultMode: 0o440 } }]
        : []),
    ],
  };
  return { metadata: { labels }, spec };
}

function container(input: BeadsRunnerInput): object {
  const env: Record<string, string> = {
    ...BD_ENV,
    BEADS_DOLT_SERVER_HOST: input.dolt.host,
    BEADS_DOLT_SERVER_PORT: input.dolt.port,
    BEADS_DOLT_SERVER_USER: input.dolt.user,
    ...(input.dolt.isEncrypted && { BEADS_DOLT_SERVER_TLS: "1" }),
    HOME: RUNNER_HOME,
    GC_BEADS_RUNNER: runnerIdentity(input),
    GC_BEADS_SLOTS: String(input.slots),
  };
  return {
    name: RUNNER_CONTAINER,
    image: input.image,
    imagePullPolicy: input.imagePullPolicy,
    workingDir: RUNNER_HOME,
    command: ["/bin/sh", "-c", runnerScript],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    resources: input.resources,
    readinessProbe: {
      exec: { command: ["bd", "version"] },
      periodSeconds: 20,
      timeoutSeconds: 10,
      failureThreshold: 3,
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "state", mountPath: RUNNER_HOME },
      { name: "tmp", mountPath: "/tmp" },
      ...(input.doltSecret ? [{ name: "dolt", mountPath: DOLT_SECRET_DIR, readOnly: true }] : []),
    ],
  };
}
