import { WORKSPACE } from "./box.ts";
import type { Env } from "./environment.ts";

/** The MCP mail server as the box reaches it. */
export interface MailServer {
  host: string;
  port: string;
}

/** Variables that make gc in the box use the mail server; none without one. The project is the controller's path of the
 * city, because it is the name under which the city's other agents and the controller itself write. */
export function mailEnvironment(city: string, server: MailServer | undefined): Env {
  if (!server) return {};
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  return {
    GC_MCP_MAIL_URL: `http://${host}:${server.port}`,
    GC_MCP_MAIL_PROJECT: city || WORKSPACE,
    GC_MAIL: "exec:gc-mail-mcp-agent-mail",
  };
}
