import { broken, type Check, doubtful, type Finding, noted, type Patient } from "./check.ts";
import { hostFix } from "./dns.ts";

/** A MySQL server speaks first: its greeting holds protocol 10 and its version. */
const GREET = 'exec 3<>"/dev/tcp/$0/$1" && head -c 24 <&3 | tail -c +5 | tr -dc "\\012\\040-\\176"';

/** Agents reach a Dolt server where the settings say that it is. */
export const doltAddress: Check = {
  name: "dolt address",
  async run(patient) {
    const { settings } = patient.context;
    const [host, port] = [settings.get("GC_K8S_DOLT_HOST"), settings.get("GC_K8S_DOLT_PORT")];
    const box = await patient.box();
    const { exit, stdout, stderr } = await box.run(["timeout", "6", "bash", "-c", GREET, host, port]);
    if (/\d+\.\d+/.test(stdout)) return [];
    const words =
      stderr
        .split("\n")[0]
        ?.replace(/^.*?: (connect: )?/, "")
        .slice(0, 200) || "no answer within 6 s";
    // Names are the business of the check "dns".
    if (/not known|resol/i.test(stderr)) return [noted(`not looked at: "${host}" does not resolve`)];
    const problem =
      exit === 0
        ? `what answers at ${host}:${port} is no Dolt server`
        : `pods do not reach Dolt at ${host}:${port}: ${words}`;
    return [broken(problem, `let pods reach it (NetworkPolicy, firewall); else ${hostFix(patient)}`)];
  },
};

interface StatefulSet {
  spec?: { replicas?: number };
  status?: { readyReplicas?: number };
}
interface DoltPod {
  status?: {
    phase?: string;
    conditions?: { type: string; status: string; message?: string }[];
    containerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[];
  };
}

/** The Dolt server that install made runs, answers a question, and has the tables of the city's stores. */
export const doltServer: Check = {
  name: "dolt server",
  async run(patient) {
    const base = `/namespaces/${encodeURIComponent(patient.namespace)}`;
    const set = await patient.get<StatefulSet>(`/apis/apps/v1${base}/statefulsets/dolt`, 'GET StatefulSet "dolt"');
    if (!set) return absent(patient);
    if (set.spec?.replicas === 0)
      return [broken("Dolt is scaled to none", "kubectl scale statefulset/dolt --replicas=1")];
    if (!set.status?.readyReplicas) {
      const pod = await patient.get<DoltPod>(`/api/v1${base}/pods/dolt-0`, 'GET pod "dolt-0"');
      return [
        broken(
          `Dolt is not ready: ${reason(pod)}`,
          'its words say what it wants; its Secret is "dolt", its volumes are claims; see kubectl logs dolt-0',
        ),
      ];
    }
    return await schema(patient);
  },
};

function absent({ namespace, context }: Patient): Finding[] {
  const host = context.settings.get("GC_K8S_DOLT_HOST");
  const isHere = host === "dolt" || host.startsWith(`dolt.${namespace}.`) || host === `dolt.${namespace}`;
  return isHere
    ? [
        broken(
          `there is no Dolt in namespace "${namespace}", where GC_K8S_DOLT_HOST looks for it`,
          "run gc-k8s install, or set GC_K8S_DOLT_HOST to your own server",
        ),
      ]
    : [noted(`Dolt is not in namespace "${namespace}": only its address was looked at`)];
}

function reason(pod: DoltPod | undefined): string {
  const { waiting } = pod?.status?.containerStatuses?.[0]?.state ?? {};
  if (waiting?.reason) return [waiting.reason, waiting.message].filter((part) => part).join(": ");
  const unmet = pod?.status?.conditions?.find(({ status, message }) => status === "False" && message);
  return unmet?.message ?? (pod ? `its pod is ${pod.status?.phase}` : "it has no pod");
}

const DATABASES =
  "select s.schema_name as name, count(t.table_name) as tables from information_schema.schemata s " +
  "left join information_schema.tables t on t.table_schema = s.schema_name and t.table_name in ('issues', 'config') " +
  "where s.schema_name not in ('information_schema', 'mysql', 'dolt', 'dolt_cluster', 'performance_schema', 'sys') " +
  "group by s.schema_name";

async function schema(patient: Patient): Promise<Finding[]> {
  const client = [
    "dolt",
    "--host=127.0.0.1",
    "--port=3307",
    "--no-tls",
    "sql",
    "--result-format=csv",
    `--query=${DATABASES}`,
  ];
  const { exit, stdout, stderr } = await patient.run({ pod: "dolt-0", container: "dolt" }, client);
  if (exit !== 0)
    return [
      broken(
        `Dolt does not answer a question: ${stderr.trim().split("\n").at(-1)?.slice(0, 200)}`,
        'the password in Secret "dolt" must be that of the volume; after a change restart pod "dolt-0"',
      ),
    ];
  const rows = stdout
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
  return rows
    .filter(([, tables]) => Number(tables) < 2)
    .map(([name]) =>
      doubtful(
        `database "${name}" of Dolt has not the tables of beads`,
        "gc-beads-k8s init makes them; drop the database if it is nobody's",
      ),
    );
}
