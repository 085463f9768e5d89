import type { MailServer } from "../pod/mail.ts";
import type { Settings } from "./settings.ts";
import type { SettingName } from "./settings-table.ts";

const ADDRESS: SettingName[] = ["GC_K8S_MCP_MAIL_HOST", "GC_K8S_MCP_MAIL_PORT"];

/** The mail server that agents are told of: only one that was asked for, because a city without it would send into nothing. */
export function mailServer(settings: Settings): MailServer | undefined {
  if (ADDRESS.every((name) => settings.describe(name).origin === "default")) return undefined;
  return { host: settings.get("GC_K8S_MCP_MAIL_HOST"), port: settings.get("GC_K8S_MCP_MAIL_PORT") };
}
