import type { AgentPodInput } from "../pod/agent-pod.ts";
import { cityOf } from "../pod/environment.ts";
import { UsageError } from "../provider/errors.ts";
import type { Settings } from "../provider/settings.ts";
import type { Session } from "./session.ts";
import type { StartConfig } from "./start-config.ts";

/** Everything that the session's pod is made from, out of settings and start configuration. */
export function boxInput(
  session: Session,
  config: StartConfig,
  settings: Settings,
  start: { startId: string; startSeconds: number },
): AgentPodInput {
  const image = settings.get("GC_K8S_IMAGE");
  if (!image) throw new UsageError("GC_K8S_IMAGE is required: set it to the image that agents run in");
  return {
    ...session,
    ...start,
    image,
    imagePullPolicy: settings.get("GC_K8S_IMAGE_PULL_POLICY"),
    agent: config.env["GC_ALIAS"] || config.env["GC_AGENT"] || "",
    cityPath: cityOf(config.env),
    imagePullSecrets: settings
      .get("GC_K8S_IMAGE_PULL_CREDENTIALS")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
    runtimeClassName: settings.get("GC_K8S_RUNTIME_CLASS_NAME"),
    serviceAccount: settings.get("GC_K8S_SERVICE_ACCOUNT"),
    resources: {
      cpuRequest: settings.get("GC_K8S_CPU_REQUEST"),
      memRequest: settings.get("GC_K8S_MEM_REQUEST"),
      cpuLimit: settings.get("GC_K8S_CPU_LIMIT"),
      memLimit: settings.get("GC_K8S_MEM_LIMIT"),
    },
    podSecurity: settings.get("GC_K8S_POD_SECURITY"),
    nodeSelector: json(settings.get("GC_K8S_NODE_SELECTOR")),
    tolerations: json(settings.get("GC_K8S_TOLERATIONS")),
    affinity: json(settings.get("GC_K8S_AFFINITY")),
    priorityClassName: settings.get("GC_K8S_PRIORITY_CLASS_NAME"),
  };
}

/** The settings table has checked the text already. */
function json(text: string): unknown {
  return text ? JSON.parse(text) : undefined;
}
