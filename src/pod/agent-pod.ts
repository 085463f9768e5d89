import { BOX_VERSION, boxCommand, WORKSPACE } from "./box.ts";
import { credentialEnvironment } from "./credentials.ts";
import { AGENT_APP, AGENT_CONTAINER, Annotation, DO_NOT_EVICT, Label } from "./labels.ts";
import { labelValue, podName, type SessionIdentity, sha256 } from "./names.ts";
import { placement, type Toleration, withNodeLoss } from "./placement.ts";
import { applyTemplate, type TemplateSection } from "./pod-template.ts";
import { spec } from "./protected-fields.ts";
import { containerSecurityContext, podSecurityContext } from "./security-context.ts";
import type { JsonObject } from "./strategic-merge.ts";
import { volumeMounts, volumes } from "./volumes.ts";

/** Everything that an agent pod is made from. */
export interface AgentPodInput extends SessionIdentity {
  namespace: string;
  image: string;
  imagePullPolicy: string;
  /** Names of the secrets that the image is pulled with. */
  imagePullSecrets: string[];
  /** The image holds the workspace, so no volume may hide it. */
  isPrebaked: boolean;
  /** Agent's own name for the label: GC_ALIAS, else GC_AGENT; "" = unknown. */
  agent: string;
  /** Controller's path of the city; "" when the start configuration has none. */
  cityPath: string;
  startId: string;
  /** Time limit of the `start` call that makes the pod. */
  startSeconds: number;
  serviceAccount: string;
  resources: Resources;
  /** Persistent volume claim that holds the workspace; without one it lives and ends with the pod. */
  workspaceClaim?: string;
  /** Size limit of a workspace without a claim; "" = none. */
  workspaceSize: string;
  podSecurity: string;
  /** User id of the agent, `image`, or "" for what `podSecurity` gives. */
  runAsUser: string;
  nodeSelector: unknown;
  tolerations: unknown;
  affinity: unknown;
  priorityClassName: string;
  runtimeClassName: string;
  /** Seconds after which a pod on a node that no longer reports is evicted. */
  nodeLossSeconds: number;
  /** Autoscalers may move the pod. */
  isEvictable: boolean;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  credentials: Credentials;
  /** What people want merged into the pod. */
  template: TemplateSection[];
}

/** Quantities of the agent's container; "" = none. */
export interface Resources {
  cpuRequest: string;
  memRequest: string;
  storageRequest: string;
  cpuLimit: string;
  memLimit: string;
  storageLimit: string;
}

/** Names of secrets and what becomes of them in the box; never a value. */
export interface Credentials {
  /** Secret with the files of Claude's configuration directory; it may be absent. "" = none. */
  claude: string;
  /** Secret whose key `token` becomes GITHUB_TOKEN; it may be absent. "" = none. */
  git: string;
  /** Secrets of which every key becomes a variable. */
  envFrom: string[];
  /** Variable → `secret/key`. */
  env: Record<string, string>;
  /** Path → `secret` (a directory) or `secret/key` (a file). */
  files: Record<string, string>;
}

/** The pod of one session: a box without any data of the session. Throws `PatchError` when the template does not fit. */
export function agentPod(input: AgentPodInput): JsonObject {
  const pod = applyTemplate(box(input), input.template, input.agent || input.session);
  // A template that brings tolerations replaces the settings', but not the bound of a lost node.
  const tolerations = withNodeLoss((spec(pod)["tolerations"] ?? []) as Toleration[], input.nodeLossSeconds);
  return { ...pod, spec: { ...spec(pod), tolerations: tolerations as JsonObject[] } };
}

function box(input: AgentPodInput): JsonObject {
  const { image, imagePullPolicy, serviceAccount } = input;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: metadata(input),
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(serviceAccount && { serviceAccountName: serviceAccount }),
      ...(input.imagePullSecrets.length > 0 && { imagePullSecrets: input.imagePullSecrets.map((name) => ({ name })) }),
      ...podSecurityContext(input),
      ...placement(input),
      containers: [
        {
          name: AGENT_CONTAINER,
          image,
          imagePullPolicy,
          workingDir: WORKSPACE,
          command: boxCommand(),
          ...credentialEnvironment(input.credentials),
          resources: containerResources(input.resources),
          ...containerSecurityContext(input),
          volumeMounts: volumeMounts(input),
        },
      ],
      volumes: volumes(input),
    },
  };
}

/** Hash that tells two controllers' cities apart without storing a path of theirs; "" for no path. */
export function cityPathHash(path: string): string {
  return path && sha256(path).slice(0, 16);
}

function metadata(input: AgentPodInput): JsonObject {
  const { namespace, session, city } = input;
  return {
    name: podName(input),
    namespace,
    labels: {
      ...input.labels,
      [Label.app]: AGENT_APP,
      [Label.session]: labelValue(session),
      [Label.agent]: labelValue(input.agent),
      [Label.city]: labelValue(city),
    },
    annotations: {
      ...(input.isEvictable ? {} : DO_NOT_EVICT),
      ...input.annotations,
      [Annotation.sessionName]: session,
      [Annotation.cityName]: city,
      [Annotation.cityPath]: cityPathHash(input.cityPath),
      [Annotation.startId]: input.startId,
      [Annotation.startSeconds]: String(input.startSeconds),
      [Annotation.boxVersion]: String(BOX_VERSION),
    },
  };
}

function containerResources(quantities: Resources): JsonObject {
  const { cpuRequest, memRequest, storageRequest, cpuLimit, memLimit, storageLimit } = quantities;
  return {
    requests: resourceList(cpuRequest, memRequest, storageRequest),
    limits: resourceList(cpuLimit, memLimit, storageLimit),
  };
}

function resourceList(cpu: string, memory: string, storage: string): JsonObject {
  return { ...(cpu && { cpu }), ...(memory && { memory }), ...(storage && { "ephemeral-storage": storage }) };
}
