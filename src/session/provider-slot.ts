import { existsSync } from "node:fs";
import { posix } from "node:path";
import type { StartConfig } from "./start-config.ts";

/** Directory of an overlay that holds files for one provider each. */
export const PER_PROVIDER = "per-provider";

/** What may stand before a command's program. */
const BEFORE_PROGRAM = /^(exec|env|[A-Za-z_]\w*=.*)$/;
const SLOT_NAME = /^[A-Za-z0-9][\w.-]*$/;

/** The slot of the overlays that is the agent's; "" when they have none for it. gc names its provider for manual sessions
 * alone, so the program that the command runs, and then the processes that gc looks for, tell it, too. */
export function providerSlot(
  { env, command, processNames }: Pick<StartConfig, "env" | "command" | "processNames">,
  overlays: string[],
): string {
  const candidates = [env["GC_PROVIDER"] ?? "", program(command), ...processNames];
  const holds = (slot: string) => overlays.some((overlay) => existsSync(`${overlay}/${PER_PROVIDER}/${slot}`));
  return candidates.find((slot) => SLOT_NAME.test(slot) && holds(slot)) ?? "";
}

function program(command: string): string {
  const word = command.split(/\s+/).find((each) => each !== "" && !BEFORE_PROGRAM.test(each)) ?? "";
  return posix.basename(word.replace(/^(["'])(.*)\1$/, "$2"));
}
