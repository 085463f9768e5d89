/**
 * Fetches from an address of this machine, past any proxy that the environment names;
 * undefined when there is no answer, as while a component starts.
 */
export async function fetchDirectly(url: string, init: BunFetchRequestInit): Promise<Response | undefined> {
  const { hostname } = new URL(url);
  const direct = process.env["NO_PROXY"] ?? process.env["no_proxy"] ?? "";
  if (!direct.split(",").includes(hostname)) process.env["NO_PROXY"] = [direct, hostname].filter(Boolean).join(",");
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof Error) return undefined; // refused, broken or silent
    throw error;
  }
}
