import type { FaultyWire } from "./cluster-access.ts";
import { type Ground, ownExecutable } from "./fault-ground.ts";
import { FAULTS } from "./wire-faults.ts";
import { OPERATIONS, type WireOperation } from "./wire-operations.ts";
import { calmRuns, nextRuns, plannedRuns, reachesOf } from "./wire-plan.ts";
import { offenders, playRuns, type Verdict } from "./wire-runs.ts";
import type { Subject } from "./wire-table.ts";

/** Puts ours and another executable under each fault once at every operation that the other does right when nothing
 * fails. The live sessions are made by ours. */
export async function compared(ground: Ground, wire: FaultyWire, other: string, name: string): Promise<Subject[]> {
  const calm = await calmRuns(ground.under(other), wire, "calm-other");
  const operations = rightOnes(calm);
  if (operations.length === 0)
    throw new Error(`Cannot compare "${other}": it does nothing right without a fault: ${offenders(calm)[0]}`);
  const own = ground.under(ownExecutable());
  const ownCalm = await calmRuns(own, wire, "calm-beside", operations);
  const play = (subject: Ground, prefix: string, without: Verdict[]) => {
    const runs = plannedRuns(prefix, reachesOf(without), operations);
    return playRuns(subject, wire, nextRuns(runs, operations.length * FAULTS.length));
  };
  return [
    { name: "ours", verdicts: await play(own, "beside-", ownCalm) },
    { name, verdicts: await play(ground.under(other), "other-", calm) },
  ];
}

/** Operations that the executable has, and does right at a session that is there. */
function rightOnes(calm: Verdict[]): WireOperation[] {
  const wrong = new Set(calm.filter(({ offences }) => offences.length > 0).map(({ run }) => run.operation));
  const isRight = (operation: WireOperation) => !operation.isLocal && !wrong.has(operation);
  const right = OPERATIONS.filter(isRight);
  return right.filter(({ op }) => right.some((each) => each.op === op && !each.title));
}
