import { expect, test } from "bun:test";
import { mailEnvironment } from "./mail.ts";

test.each<[string, { host: string; port: string } | undefined, Record<string, string>]>([
  ["/city", undefined, {}],
  [
    "/city",
    { host: "mail.gc", port: "8765" },
    {
      GC_MCP_MAIL_URL: "http://mail.gc:8765",
      GC_MCP_MAIL_PROJECT: "/city",
      GC_MAIL: "exec:gc-mail-mcp-agent-mail",
    },
  ],
  [
    "",
    { host: "fd00::1", port: "1" },
    {
      GC_MCP_MAIL_URL: "http://[fd00::1]:1",
      GC_MCP_MAIL_PROJECT: "/workspace",
      GC_MAIL: "exec:gc-mail-mcp-agent-mail",
    },
  ],
])("the city %p and the server %p", (city, server, env) => {
  expect(mailEnvironment(city, server)).toEqual(env);
});
