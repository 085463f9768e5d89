import { hostName, port } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

/** Services that agents reach inside the cluster. */
export const serviceRows = {
  GC_K8S_DOLT_HOST: {
    default: "dolt.<namespace>.svc.cluster.local",
    help: "Dolt server as the beads runner reaches it, and agents where the city's own address is this machine's; set together with its port.",
    check: hostName,
  },
  GC_K8S_DOLT_PORT: { default: "3307", help: "Port of that Dolt server.", check: port },
  GC_K8S_MCP_MAIL_HOST: {
    default: "mcp-mail.<namespace>.svc.cluster.local",
    help: "MCP mail server as agents reach it. Agents are told of it only when this or its port is set.",
    check: hostName,
  },
  GC_K8S_MCP_MAIL_PORT: { default: "8765", help: "Port of that mail server.", check: port },
} satisfies SettingRows;
