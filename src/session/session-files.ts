import { boxEnvironment, cityOf, environmentFile, TRUSTED_WORKSPACE } from "../pod/environment.ts";
import { HOME_LINES } from "../pod/home.ts";
import { mailEnvironment } from "../pod/mail.ts";
import { podWorkDir, projectCommand } from "../pod/paths.ts";
import { mailServer } from "../provider/mail-server.ts";
import type { Settings } from "../provider/settings.ts";
import agentScript from "./agent.sh" with { type: "text" };
import { cityNames } from "./city-names.ts";
import { identityCommands } from "./identity.ts";
import { runFile } from "./launch.ts";
import type { Session } from "./session.ts";
import type { StartConfig } from "./start-config.ts";
import type { Staged } from "./tar-stream.ts";

/** What the box needs to know of the session; it travels in the stream, so no API object and no argument holds it. */
export function sessionFiles(session: Session, config: StartConfig, settings: Settings): Staged[] {
  const city = cityOf(config.env);
  const dolt = { host: settings.get("GC_K8S_DOLT_HOST"), port: settings.get("GC_K8S_DOLT_PORT") };
  const env = boxEnvironment(config.env, { session: session.session, city, workDir: config.workDir }, dolt);
  const preStart = config.preStart.map((command) => projectCommand(command, city));
  return [
    runFile("id", `${session.hash}\n`),
    runFile(
      "env",
      HOME_LINES + environmentFile({ ...TRUSTED_WORKSPACE, ...env, ...mailEnvironment(city, mailServer(settings)) }),
    ),
    runFile("identity", identityCommands(config.env)),
    runFile(
      "socket-names",
      cityNames(city)
        .map((name) => `${name}\n`)
        .join(""),
    ),
    runFile("work-dir", podWorkDir(config.workDir, city)),
    runFile("command", projectCommand(config.command, city)),
    runFile("agent", agentScript, 0o700),
    // Numbered so that the shell's own order of file names is the order of the commands.
    ...preStart.map((command, index) => runFile(`pre-start-${String(index).padStart(4, "0")}`, command)),
  ];
}
