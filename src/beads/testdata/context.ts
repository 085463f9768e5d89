import type { KubeClient } from "../../kube/request.ts";
import type { Context } from "../../provider/operation.ts";

/** Just what running a script asks for. */
export function contextOf(client: KubeClient): Context {
  const settings = { get: () => "", describe: () => ({ value: "", origin: "the test" }) };
  const log = {
    session: undefined,
    podUid: undefined,
    previous: undefined,
    phase: () => undefined,
    warn: () => undefined,
  };
  return {
    args: [],
    env: {},
    settings,
    signal: AbortSignal.timeout(20_000),
    stdin: async () => new Uint8Array(),
    client: () => client,
    log,
  };
}
