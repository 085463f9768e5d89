import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { isPossible } from "./bead-id.ts";
import { shellWord } from "./shell.ts";
import { outputOf, runInStore } from "./store.ts";

/** `dep-remove <id> <depends-on>`: an edge that is not there, or between beads that are not, is removed already. */
export const depRemove: Operation = {
  usage: "<id> <depends-on>",
  help: "Removes the dependency; one that is not there counts as removed.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const [id = "", target = ""] = context.args;
    if (!isPossible(id) || !isPossible(target)) return undefined;
    const what = `remove the dependency of bead "${id}" on "${target}"`;
    const [one, other] = [shellWord(id), shellWord(target)];
    const body = `must_exist ${one} ${other}\nbd dep remove ${one} ${other} --json`;
    const answer = await runInStore(context, { what, body });
    if ("failure" in answer && answer.failure.kind === "absent") return undefined;
    outputOf(answer, what);
    return undefined;
  },
};
