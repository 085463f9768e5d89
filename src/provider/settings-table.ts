/** One setting: an environment variable and, without its prefix in lower case, a key of `gc-k8s.toml`. */
export interface SettingRow {
  /** Used when neither environment nor file gives a value; "" = unset. */
  default: string;
  /** One sentence for docs/settings.md and `gc-k8s settings`. */
  help: string;
  /** Says what is wrong with a value, or undefined. */
  check?: (value: string) => string | undefined;
}

/** Every setting there is; docs/settings.md is generated from this table. */
export const settingRows = {
  GC_K8S_NAMESPACE: { default: "gc", help: "Namespace that holds the city's pods.", check: dnsLabel },
  GC_K8S_CONTEXT: { default: "", help: "Context of the kubeconfig; empty = its current context." },
  GC_K8S_CITY: {
    default: "default",
    help: "City that the sessions belong to. Give each city of a namespace a name of its own.",
    check: cityName,
  },
  GC_K8S_IMAGE: { default: "", help: "Image of agent pods; needed by `start`." },
  GC_K8S_IMAGE_PULL_POLICY: {
    default: "IfNotPresent",
    help: "`Always`, `IfNotPresent` or `Never`.",
    check: oneOf("Always", "IfNotPresent", "Never"),
  },
  GC_K8S_IMAGE_PULL_CREDENTIALS: {
    default: "",
    help: "Names of the secrets that pull the image, separated by commas. (gc drops variables with SECRET in their name.)",
    check: dnsNames,
  },
  GC_K8S_SERVICE_ACCOUNT: {
    default: "",
    help: "Service account of agent pods; empty = the namespace's default. Its token is not mounted.",
    check: dnsName,
  },
  GC_K8S_CPU_REQUEST: { default: "500m", help: "CPU that an agent pod requests.", check: quantity },
  GC_K8S_MEM_REQUEST: { default: "1Gi", help: "Memory that an agent pod requests.", check: quantity },
  GC_K8S_CPU_LIMIT: { default: "2", help: "CPU limit of an agent pod.", check: quantity },
  GC_K8S_MEM_LIMIT: { default: "4Gi", help: "Memory limit of an agent pod.", check: quantity },
  GC_K8S_NODE_SELECTOR: {
    default: "",
    help: "Node selector of agent pods: a JSON object.",
    check: jsonOf("an object"),
  },
  GC_K8S_TOLERATIONS: { default: "", help: "Tolerations of agent pods: a JSON list.", check: jsonOf("a list") },
  GC_K8S_AFFINITY: { default: "", help: "Affinity of agent pods: a JSON object.", check: jsonOf("an object or null") },
  GC_K8S_PRIORITY_CLASS_NAME: { default: "", help: "Priority class of agent pods.", check: dnsName },
  GC_K8S_RUNTIME_CLASS_NAME: { default: "", help: "Runtime class of agent pods, such as gVisor's.", check: dnsName },
  GC_K8S_DOLT_HOST: {
    default: "dolt.gc.svc.cluster.local",
    help: "Dolt server as agents reach it, where the city's own address is this machine's; set together with its port.",
  },
  GC_K8S_DOLT_PORT: { default: "3307", help: "Port of that Dolt server.", check: port },
  GC_K8S_POD_SECURITY: {
    default: "default",
    help:
      "`default` = no privilege escalation, no capabilities, seccomp RuntimeDefault, no service-account token, the " +
      "image's user; `restricted` = also passes the Pod Security level of that name, with user id 1000; " +
      "`unconfined` = no security context, for images that need sudo.",
    check: oneOf("default", "restricted", "unconfined"),
  },
  GC_K8S_LOG: { default: "", help: "File that gets one JSON line per operation (never payload); rotated at 10 MB." },
} satisfies Record<string, SettingRow>;

/** Name of a setting. */
export type SettingName = keyof typeof settingRows;

function dnsLabel(value: string): string | undefined {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)
    ? undefined
    : "must be lower-case letters, digits and '-', at most 63 characters";
}

function dnsName(value: string): string | undefined {
  return value.length <= 253 && value.split(".").every((part) => dnsLabel(part) === undefined)
    ? undefined
    : "must be a DNS name in lower case";
}

function dnsNames(value: string): string | undefined {
  return value.split(",").every((name) => dnsName(name.trim()) === undefined)
    ? undefined
    : "must be DNS names, separated by commas";
}

function port(value: string): string | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) > 0 && Number(value) < 65_536 ? undefined : "must be a port number";
}

function cityName(value: string): string | undefined {
  return value.length <= 200 && !/\p{Cc}/u.test(value) ? undefined : "must be at most 200 printable characters";
}

/** Grammar of resource.Quantity (k8s.io/apimachinery/pkg/api/resource). */
function quantity(value: string): string | undefined {
  return /^\d+(\.\d*)?([eE][-+]?\d+|[numkMGTPE]|[KMGTPE]i)?$/.test(value)
    ? undefined
    : "must be a quantity such as 500m, 2 or 1Gi";
}

function oneOf(...words: string[]): (value: string) => string | undefined {
  return (value) => (words.includes(value) ? undefined : `must be ${words.join(" or ")}`);
}

function jsonOf(kind: "an object" | "a list" | "an object or null"): (value: string) => string | undefined {
  return (value) => {
    const parsed = parseJson(value);
    const isRight =
      parsed === null
        ? kind === "an object or null"
        : typeof parsed === "object" && Array.isArray(parsed) === (kind === "a list");
    return isRight ? undefined : `must be JSON: ${kind}`;
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
