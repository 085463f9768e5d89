import { type Check, doubtful, type Finding, noted, type Patient } from "./check.ts";

const NAMES = ["gc-agent", "gc-beads-runner", "dolt"];
/** The API server's address as every pod knows it is one that policy "gc-agent" closes. */
const TRY = 'exec 3<>"/dev/tcp/$KUBERNETES_SERVICE_HOST/$KUBERNETES_SERVICE_PORT"';

/** What install forbids agents is there, and the cluster's network enforces it. */
export const networkPolicy: Check = {
  name: "network policy",
  async run(patient) {
    const base = `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(patient.namespace)}/networkpolicies`;
    const found = await Promise.all(NAMES.map((name) => patient.get(`${base}/${name}`, `GET NetworkPolicy "${name}"`)));
    const absent = NAMES.filter((_, index) => found[index] === undefined);
    if (absent.includes("gc-agent"))
      return [
        doubtful('agents may reach the whole network: NetworkPolicy "gc-agent" is absent', "gc-k8s install makes it"),
      ];
    const missing = absent.map((name) => doubtful(`NetworkPolicy "${name}" is absent`, "gc-k8s install makes it"));
    return [...missing, ...(await enforcement(patient))];
  },
};

async function enforcement(patient: Patient): Promise<Finding[]> {
  const box = await patient.box();
  const { exit, stderr } = await box.run(["timeout", "3", "bash", "-c", TRY]);
  if (exit === 0)
    return [
      doubtful(
        "the cluster's network does not enforce NetworkPolicies: a box reached the API server",
        "use a network that does (Calico, Cilium, …); else agents may reach the whole network",
      ),
    ];
  // Silence is how most enforce; a refusal may be somebody else's.
  if (exit === 124) return [];
  return [noted(`whether NetworkPolicies are enforced could not be proved: ${stderr.split("\n")[0]?.slice(0, 160)}`)];
}
