import type { Cluster, Entry } from "./kubeconfig.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";

type Environment = Record<string, string | undefined>;

const proxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * Takes the proxy variables out of this process's environment. Bun's fetch applies them by rules of its own: a proxy
 * for loopback addresses too, and NO_PROXY even against a proxy that the caller names.
 */
export function forgetProxyVariables(): void {
  for (const name of proxyVariables) if (process.env[name] !== undefined) delete process.env[name];
}

/** The proxy of a cluster: its `proxy-url`, which NO_PROXY does not touch, else what the environment says for this server. */
export function clusterProxy(cluster: Entry<Cluster>, server: string, env: Environment): string | undefined {
  const proxyUrl = cluster.value["proxy-url"];
  if (proxyUrl === undefined) return environmentProxy(server, env);
  const where = `Kubeconfig "${cluster.file}": cluster "${cluster.name}": proxy-url`;
  if (!URL.canParse(proxyUrl)) throw new KubeconfigError(`${where} is not a URL`);
  return supportedProxy(new URL(proxyUrl), where);
}

/** The proxy that HTTPS_PROXY or HTTP_PROXY (or their lower-case names) set for a server, by the rules of Go's net/http. */
export function environmentProxy(server: string, env: Environment): string | undefined {
  const url = new URL(server);
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = variable(name, env);
  if (!proxy || isLoopback(url.hostname) || isExcluded(url, variable("NO_PROXY", env) ?? "")) return undefined;
  const text = /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(proxy) ? proxy : `http://${proxy}`;
  return URL.canParse(text) ? supportedProxy(new URL(text), `Environment variable ${name}`) : undefined;
}

function variable(name: string, env: Environment): string | undefined {
  return env[name] || env[name.toLowerCase()];
}

function supportedProxy(proxy: URL, where: string): string {
  const scheme = proxy.protocol.slice(0, -1);
  if (scheme !== "http" && scheme !== "https") {
    throw new KubeconfigError(`${where} has the scheme "${scheme}": only http and https proxies can be used`);
  }
  return proxy.href;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function isExcluded(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const entries = noProxy.split(",").map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => entry === "*" || (entry !== "" && isCovered(host, port, entry)));
}

function isCovered(host: string, port: string, entry: string): boolean {
  // Loaded here because most processes have neither a proxy nor an address to compare.
  const net = process.getBuiltinModule("node:net");
  const family = net.isIP(host);
  const [, network = "", bits] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
  if (bits !== undefined && net.isIP(network) !== 0) {
    return family === net.isIP(network) && contains(net, network, Number(bits), host, family);
  }
  const [, name = "", entryPort] = /^(.+?)(?::(\d+))?$/.exec(net.isIP(entry) ? `[${entry}]` : entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, "");
  const entryFamily = net.isIP(bare);
  if (entryFamily !== 0)
    return family === entryFamily && contains(net, bare, entryFamily === 4 ? 32 : 128, host, family);
  return family === 0 && isSubdomain(host, bare.replace(/^\*(?=\.)/, ""));
}

function contains(
  net: typeof import("node:net"),
  network: string,
  bits: number,
  host: string,
  family: number,
): boolean {
  const kind = family === 4 ? "ipv4" : "ipv6";
  if (bits > (family === 4 ? 32 : 128)) return false;
  const list = new net.BlockList();
  list.addSubnet(network, bits, kind);
  return list.check(host, kind);
}

/** ".y.com" covers subdomains only, "y.com" itself too. */
function isSubdomain(host: string, domain: string): boolean {
  return domain.startsWith(".") ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}
