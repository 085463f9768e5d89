import { BOX_VERSION, boxCommand, RUN_DIR, WORKSPACE } from "./box.ts";
import { AGENT_APP, AGENT_CONTAINER, Annotation, Label } from "./labels.ts";
import { labelValue, podName, type SessionIdentity, sha256 } from "./names.ts";

/** Everything that an agent pod is made from. */
export interface AgentPodInput extends SessionIdentity {
  namespace: string;
  image: string;
  imagePullPolicy: string;
  /** Names of the secrets that the image is pulled with. */
  imagePullSecrets: string[];
  /** Agent's own name for the label: GC_ALIAS, else GC_AGENT; "" = unknown. */
  agent: string;
  /** Controller's path of the city; "" when the start configuration has none. */
  cityPath: string;
  startId: string;
  /** Time limit of the `start` call that makes the pod. */
  startSeconds: number;
  serviceAccount: string;
  resources: { cpuRequest: string; memRequest: string; cpuLimit: string; memLimit: string };
  podSecurity: string;
  nodeSelector: unknown;
  tolerations: unknown;
  affinity: unknown;
  priorityClassName: string;
  runtimeClassName: string;
}

/** User id of agents under `restricted`; an image without a numeric user would be refused otherwise. */
const RESTRICTED_USER = 1000;

/** The pod of one session: a box without any data of the session. */
export function agentPod(input: AgentPodInput): object {
  const { namespace, session, city, image, imagePullPolicy, serviceAccount, resources } = input;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: podName(input),
      namespace,
      labels: {
        [Label.app]: AGENT_APP,
        [Label.session]: labelValue(session),
        [Label.agent]: labelValue(input.agent),
        [Label.city]: labelValue(city),
      },
      annotations: {
        [Annotation.sessionName]: session,
        [Annotation.cityName]: city,
        [Annotation.cityPath]: cityPathHash(input.cityPath),
        [Annotation.startId]: input.startId,
        [Annotation.startSeconds]: String(input.startSeconds),
        [Annotation.boxVersion]: String(BOX_VERSION),
        // An agent's work is in its pod: autoscalers must not move it to save a node.
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
        "karpenter.sh/do-not-disrupt": "true",
      },
    },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(serviceAccount && { serviceAccountName: serviceAccount }),
      ...(input.imagePullSecrets.length > 0 && { imagePullSecrets: input.imagePullSecrets.map((name) => ({ name })) }),
      ...podSecurityContext(input.podSecurity),
      ...placement(input),
      containers: [
        {
          name: AGENT_CONTAINER,
          image,
          imagePullPolicy,
          workingDir: WORKSPACE,
          command: boxCommand(),
          resources: {
            requests: { cpu: resources.cpuRequest, memory: resources.memRequest },
            limits: { cpu: resources.cpuLimit, memory: resources.memLimit },
          },
          ...containerSecurityContext(input.podSecurity),
          volumeMounts: [
            { name: "ws", mountPath: WORKSPACE },
            { name: "run", mountPath: RUN_DIR },
          ],
        },
      ],
      volumes: [
        { name: "ws", emptyDir: {} },
        { name: "run", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
      ],
    },
  };
}

/** Hash that tells two controllers' cities apart without storing a path of theirs; "" for no path. */
export function cityPathHash(path: string): string {
  return path && sha256(path).slice(0, 16);
}

function placement(input: AgentPodInput): object {
  const { nodeSelector, tolerations, affinity, priorityClassName, runtimeClassName } = input;
  return {
    ...(nodeSelector ? { nodeSelector } : {}),
    ...(tolerations ? { tolerations } : {}),
    ...(affinity ? { affinity } : {}),
    ...(priorityClassName ? { priorityClassName } : {}),
    ...(runtimeClassName ? { runtimeClassName } : {}),
  };
}

function podSecurityContext(level: string): object {
  if (level === "unconfined") return {};
  const user =
    level === "restricted" ? { runAsNonRoot: true, runAsUser: RESTRICTED_USER, runAsGroup: RESTRICTED_USER } : {};
  return { securityContext: { ...user, seccompProfile: { type: "RuntimeDefault" } } };
}

function containerSecurityContext(level: string): object {
  if (level === "unconfined") return {};
  return { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } };
}
