import type { Context } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import type { Session } from "./session.ts";

/** Whether the agent runs, as its box says: exact, where the API lags behind. */
export async function agentState(context: Context, session: Session): Promise<"running" | "ended" | "absent"> {
  const answer = await runInBox(context, session, { script: ":", repeatable: true });
  return answer.state === "done" ? "running" : answer.state;
}
