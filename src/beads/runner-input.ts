import type { BeadsRunnerInput } from "../pod/beads-runner.ts";
import { UsageError } from "../provider/errors.ts";
import { quantityValue } from "../provider/kubernetes-syntax.ts";
import type { Context } from "../provider/operation.ts";
import { NONE } from "../provider/setting-checks.ts";
import type { SettingName } from "../provider/settings-table.ts";
import type { City } from "./city.ts";

/** What a `bd` may come to: the memory at which it begins to collect garbage, and what that and its answer need beside. */
const BD_BYTES = 320 * 1024 ** 2;
/** Where nothing limits the memory; more than these only wait for Dolt. */
const MOST_SLOTS = 16;

/** Everything that the city's runner is made from, out of the settings. */
export function runnerInput(context: Context, city: City): BeadsRunnerInput {
  const get = (name: SettingName) => {
    const value = context.settings.get(name);
    return value === NONE ? "" : value;
  };
  const image = get("GC_K8S_BEADS_IMAGE") || get("GC_K8S_IMAGE");
  if (!image) throw new UsageError("GC_K8S_BEADS_IMAGE or GC_K8S_IMAGE is required: set it to an image that has bd");
  return {
    city: city.name,
    namespace: city.namespace,
    image,
    imagePullPolicy: get("GC_K8S_IMAGE_PULL_POLICY"),
    imagePullSecrets: get("GC_K8S_IMAGE_PULL_CREDENTIALS")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
    serviceAccount: get("GC_K8S_SERVICE_ACCOUNT"),
    dolt: {
      host: get("GC_K8S_DOLT_HOST"),
      port: get("GC_K8S_DOLT_PORT"),
      user: get("GC_K8S_DOLT_USER"),
      isEncrypted: get("GC_K8S_DOLT_TLS") === "true",
    },
    doltSecret: get("GC_K8S_DOLT_ACCESS"),
    resources: {
      requests: amounts(get("GC_K8S_BEADS_CPU_REQUEST"), get("GC_K8S_BEADS_MEM_REQUEST")),
      limits: amounts(get("GC_K8S_BEADS_CPU_LIMIT"), get("GC_K8S_BEADS_MEM_LIMIT")),
    },
    slots: slotsOf(get("GC_K8S_BEADS_MEM_LIMIT")),
  };
}

function slotsOf(limit: string): number {
  const fitting = limit ? Math.floor(quantityValue(limit) / BD_BYTES) : MOST_SLOTS;
  return Math.min(MOST_SLOTS, Math.max(1, fitting));
}

function amounts(cpu: string, memory: string): Record<string, string> {
  return { ...(cpu && { cpu }), ...(memory && { memory }) };
}
