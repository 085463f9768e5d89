import { broken, type Check, noted, type Patient } from "./check.ts";

/** Names resolve in a pod: the cluster's own, and Dolt's. */
export const dns: Check = {
  name: "dns",
  async run(patient) {
    const { settings } = patient.context;
    const dolt = settings.get("GC_K8S_DOLT_HOST");
    const lost = (await Promise.all(["kubernetes.default.svc", dolt].map((name) => unresolved(patient, name)))).flat();
    if (lost.includes("getent")) return [noted("not looked at: the image has no getent")];
    if (lost.includes("kubernetes.default.svc"))
      return [
        broken(
          "pods resolve no name of the cluster",
          "look at the cluster's DNS (CoreDNS), and let pods reach it on port 53",
        ),
      ];
    return lost.map((name) => broken(`pods do not resolve GC_K8S_DOLT_HOST, "${name}"`, hostFix(patient)));
  },
};

/** How GC_K8S_DOLT_HOST comes right. */
export function hostFix({ context: { settings } }: Patient): string {
  const names = "GC_K8S_DOLT_HOST and GC_K8S_DOLT_PORT";
  return settings.describe("GC_K8S_DOLT_HOST").origin === "default"
    ? `run gc-k8s install, or name your own server by ${names}`
    : `correct ${names}, or unset them: then it is the Dolt that gc-k8s install makes`;
}

/** The name if it does not resolve; "getent" where nobody can tell. */
async function unresolved(patient: Patient, name: string): Promise<string[]> {
  const box = await patient.box();
  const script = 'command -v getent >/dev/null || exit 127; timeout 6 getent hosts "$1" >/dev/null';
  const { exit } = await box.run(["/bin/sh", "-c", script, "gc-doctor", name]);
  return exit === 0 ? [] : [exit === 127 ? "getent" : name];
}
