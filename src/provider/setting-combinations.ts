import { quantityValue } from "./kubernetes-syntax.ts";
import { NONE } from "./setting-checks.ts";
import type { SettingValue } from "./settings.ts";
import type { SettingName } from "./settings-table.ts";

/** Looks up a setting. */
type Describe = (name: SettingName) => SettingValue;

/** Settings that are right one by one and wrong together; each row says what is wrong, or undefined. */
const COMBINATIONS: ((describe: Describe) => string | undefined)[] = [
  bothOrNone("GC_K8S_DOLT_HOST", "GC_K8S_DOLT_PORT"),
  atMost("GC_K8S_CPU_REQUEST", "GC_K8S_CPU_LIMIT"),
  atMost("GC_K8S_MEM_REQUEST", "GC_K8S_MEM_LIMIT"),
  atMost("GC_K8S_STORAGE_REQUEST", "GC_K8S_STORAGE_LIMIT"),
  notTogether("GC_K8S_WORKSPACE", "claim", "GC_K8S_PREBAKED", "true", "a claim would hide the image's workspace"),
  notTogether("GC_K8S_WORKSPACE", "claim", "GC_K8S_WORKSPACE_SIZE", NONE, "a claim needs a size"),
  notTogether("GC_K8S_RUN_AS_USER", "0", "GC_K8S_POD_SECURITY", "restricted", "it forbids root"),
];

/** The first combination that cannot work, in one sentence. */
export function combinationProblem(describe: Describe): string | undefined {
  for (const problem of COMBINATIONS) {
    const found = problem(describe);
    if (found) return found;
  }
  return undefined;
}

/** One alone would mean half of an address. */
function bothOrNone(one: SettingName, other: SettingName) {
  return (describe: Describe) =>
    (describe(one).origin === "default") === (describe(other).origin === "default")
      ? undefined
      : `requires both ${one} and ${other} when either is set`;
}

function atMost(request: SettingName, limit: SettingName) {
  return (describe: Describe) => {
    const both = [describe(request), describe(limit)];
    // The defaults are right, and reading quantities would cost each process 0.1 ms.
    if (both.every(({ origin }) => origin === "default")) return undefined;
    const values = both.map(({ value }) => value);
    if (values.includes(NONE)) return undefined;
    const [requested = 0, limited = 0] = values.map(quantityValue);
    return requested <= limited
      ? undefined
      : `Cannot use ${told(request, describe)}: it is more than ${told(limit, describe)}`;
  };
}

function notTogether(one: SettingName, value: string, other: SettingName, otherValue: string, why: string) {
  return (describe: Describe) =>
    describe(one).value === value && describe(other).value === otherValue
      ? `Cannot use ${told(one, describe)} with ${told(other, describe)}: ${why}`
      : undefined;
}

/** Name, value and origin, as errors tell them. */
function told(name: SettingName, describe: Describe): string {
  const { value, origin } = describe(name);
  return `${name}="${value}" (${origin})`;
}
