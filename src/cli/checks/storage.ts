import { broken, type Check, doubtful, type Finding, type Patient } from "./check.ts";

interface StorageClass {
  metadata: { name: string; annotations?: Record<string, string> };
}
interface Claim {
  metadata: { name: string };
  spec?: { storageClassName?: string };
  status?: { phase?: string };
}

const DEFAULT = "storageclass.kubernetes.io/is-default-class";

/** There is a storage class for what wants volumes, and no claim waits in vain. */
export const storage: Check = {
  name: "storage",
  async run(patient) {
    return [...(await waiting(patient)), ...(await classes(patient))];
  },
};

async function classes({ context, get }: Patient): Promise<Finding[]> {
  const { settings } = context;
  const wanted = settings.get("GC_K8S_WORKSPACE_CLASS");
  const isUsed = settings.get("GC_K8S_WORKSPACE") === "claim";
  const answer = await get<{ items: StorageClass[] }>("/apis/storage.k8s.io/v1/storageclasses", "GET storage classes");
  const all = answer?.items ?? [];
  if (wanted && !all.some(({ metadata }) => metadata.name === wanted))
    return [
      (isUsed ? broken : doubtful)(
        `there is no storage class "${wanted}"`,
        `correct GC_K8S_WORKSPACE_CLASS: ${all.map(({ metadata }) => metadata.name).join(", ") || "the cluster has none"}`,
      ),
    ];
  const hasDefault = all.some(({ metadata }) => metadata.annotations?.[DEFAULT] === "true");
  if (hasDefault || wanted) return [];
  return [
    (isUsed ? broken : doubtful)(
      "the cluster has no default storage class",
      `mark one as default, or set ${isUsed ? "GC_K8S_WORKSPACE_CLASS" : "gc-k8s install --storage-class"}`,
    ),
  ];
}

/** A claim that waits for its first pod looks the same, so that only Dolt's, which have one, are judged. */
async function waiting({ namespace, get }: Patient): Promise<Finding[]> {
  const base = `/api/v1/namespaces/${encodeURIComponent(namespace)}/persistentvolumeclaims`;
  const claims = await Promise.all(
    ["data-dolt-0", "backups-dolt-0"].map((name) => get<Claim>(`${base}/${name}`, `GET claim "${name}"`)),
  );
  return claims
    .filter((claim) => claim !== undefined && claim.status?.phase !== "Bound")
    .map((claim) =>
      broken(
        `claim "${claim?.metadata.name}" is ${claim?.status?.phase ?? "not bound"} (storage class ${claim?.spec?.storageClassName ?? "none"})`,
        "kubectl describe it: its storage class must exist and have a provisioner",
      ),
    );
}
