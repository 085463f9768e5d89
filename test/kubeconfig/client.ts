// Asks for the pods of the connection's namespace as the real client does, in a process of its own.
// Argument: {"context": …, "kubeconfig": …} as JSON. Ends with 0 when answered, else with 1 and the reason on stderr.
import { loadConnection } from "../../src/kube/connection.ts";

async function listPods(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? "{}") as { context?: string; kubeconfig?: string };
  const connection = loadConnection({ ...options, env: process.env });
  const signal = AbortSignal.timeout(15_000);
  const { headers, cert, key } = await connection.credentials({ refresh: false, signal });
  const response = await fetch(`${connection.server}/api/v1/namespaces/${connection.namespace}/pods`, {
    headers,
    signal,
    tls: { ...connection.tls, ...(cert && key && { cert, key }) },
    ...(connection.proxy && { proxy: connection.proxy }),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}

try {
  await listPods();
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? error.name : "Error"}: ${error instanceof Error ? error.message : error}\n`,
  );
  process.exitCode = 1;
}
