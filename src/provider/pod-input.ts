import { type AgentPodInput, agentPod } from "../pod/agent-pod.ts";
import { cityOf, type Env } from "../pod/environment.ts";
import { podName, type SessionIdentity } from "../pod/names.ts";
import { agent } from "../pod/protected-fields.ts";
import { PatchError } from "../pod/strategic-merge.ts";
import { UsageError } from "./errors.ts";
import { badTemplate, readPodTemplate } from "./pod-template-file.ts";
import { NONE } from "./setting-checks.ts";
import type { Settings } from "./settings.ts";
import type { SettingName } from "./settings-table.ts";

/** Everything that a session's pod is made from, out of settings and the environment that gc sends with a start.
 * Throws `UsageError` when no pod can be made of it. */
export function agentPodInput(
  session: SessionIdentity,
  env: Env,
  settings: Settings,
  start: { startId: string; startSeconds: number },
): AgentPodInput {
  const get = (name: SettingName) => unlessNone(settings.get(name));
  const input: AgentPodInput = {
    city: session.city,
    session: session.session,
    ...start,
    namespace: get("GC_K8S_NAMESPACE"),
    image: get("GC_K8S_IMAGE"),
    imagePullPolicy: get("GC_K8S_IMAGE_PULL_POLICY"),
    imagePullSecrets: names(get("GC_K8S_IMAGE_PULL_CREDENTIALS")),
    isPrebaked: get("GC_K8S_PREBAKED") === "true",
    agent: env["GC_ALIAS"] || env["GC_AGENT"] || "",
    cityPath: cityOf(env),
    serviceAccount: get("GC_K8S_SERVICE_ACCOUNT"),
    resources: {
      cpuRequest: get("GC_K8S_CPU_REQUEST"),
      memRequest: get("GC_K8S_MEM_REQUEST"),
      storageRequest: get("GC_K8S_STORAGE_REQUEST"),
      cpuLimit: get("GC_K8S_CPU_LIMIT"),
      memLimit: get("GC_K8S_MEM_LIMIT"),
      storageLimit: get("GC_K8S_STORAGE_LIMIT"),
    },
    ...(get("GC_K8S_WORKSPACE") === "claim" && { workspaceClaim: podName(session) }),
    workspaceSize: get("GC_K8S_WORKSPACE_SIZE"),
    podSecurity: get("GC_K8S_POD_SECURITY"),
    runAsUser: get("GC_K8S_RUN_AS_USER"),
    nodeSelector: json(get("GC_K8S_NODE_SELECTOR")),
    tolerations: json(get("GC_K8S_TOLERATIONS")),
    affinity: json(get("GC_K8S_AFFINITY")),
    priorityClassName: get("GC_K8S_PRIORITY_CLASS_NAME"),
    runtimeClassName: get("GC_K8S_RUNTIME_CLASS_NAME"),
    nodeLossSeconds: Number(get("GC_K8S_NODE_LOSS_SECONDS")),
    isEvictable: get("GC_K8S_EVICTABLE") === "true",
    labels: texts(get("GC_K8S_LABELS")),
    annotations: texts(get("GC_K8S_ANNOTATIONS")),
    credentials: {
      claude: get("GC_K8S_CLAUDE_CREDENTIALS"),
      git: get("GC_K8S_GIT_CREDENTIALS"),
      envFrom: names(get("GC_K8S_ENV_FROM_CREDENTIALS")),
      env: texts(get("GC_K8S_ENV_CREDENTIALS")),
      files: texts(get("GC_K8S_FILE_CREDENTIALS")),
    },
    template: readPodTemplate(settings),
  };
  assertPodCanBeMade(input, settings);
  return input;
}

/** A template is judged by the pod that it makes, before anything is created. */
function assertPodCanBeMade(input: AgentPodInput, settings: Settings): void {
  try {
    if (agent(agentPod(input))["image"]) return;
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw badTemplate(settings, error.message);
  }
  throw new UsageError("GC_K8S_IMAGE is required: set it to the image that agents run in");
}

function unlessNone(value: string): string {
  return value === NONE ? "" : value;
}

function names(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** The settings table has checked the text already. */
function json(text: string): unknown {
  return text ? JSON.parse(text) : undefined;
}

function texts(text: string): Record<string, string> {
  return (json(text) ?? {}) as Record<string, string>;
}
