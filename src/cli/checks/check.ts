import { ApiError, TransportError } from "../../kube/errors.ts";
import { errorLine, OperationError } from "../../provider/errors.ts";
import type { Context } from "../../provider/operation.ts";
import type { Box, CommandEnd } from "./box.ts";

/** How bad a finding is: an error keeps the city from working, a warning may hurt it, a note is for those who wonder. */
export type Level = "error" | "warning" | "note";

/** One way in which the cluster is unfit, and how to mend it. */
export interface Finding {
  level: Level;
  problem: string;
  fix: string;
}

/** What checks share: each of these is looked at once, whoever asks first. */
export interface Patient {
  context: Context;
  namespace: string;
  city: string;
  /** A box of the real pod, running; rejects with what keeps it from running. */
  startBox(): Promise<Box>;
  /** The same for checks that only use it: where there is none they have nothing to say. */
  box(): Promise<Box>;
  /** Runs a command in a container of another pod. */
  run(place: { pod: string; container: string }, command: string[]): Promise<CommandEnd>;
  /** GETs a path; undefined = there is no such object. */
  get<T>(path: string, what: string): Promise<T | undefined>;
}

/** One check of `gc-k8s doctor`. */
export interface Check {
  name: string;
  /** Costs half a minute, and runs only when asked for. */
  isDeep?: true;
  /** Resolves with what is wrong; what it throws is told as a finding, too. */
  run(patient: Patient): Promise<Finding[]>;
}

/** A check could not look because of something that another check tells. */
export class Unseen extends Error {
  override name = "Unseen";
}

/** A finding that keeps the city from working. */
export function broken(problem: string, fix: string): Finding {
  return { level: "error", problem, fix };
}

/** A finding that may hurt it. */
export function doubtful(problem: string, fix: string): Finding {
  return { level: "warning", problem, fix };
}

/** A finding that is good to know. */
export function noted(problem: string, fix = ""): Finding {
  return { level: "note", problem, fix };
}

/** The finding of a check that failed to look: not to know is not to be fit, unless another check knows why. */
export function unseen(error: unknown): Finding {
  const problem = errorLine(error);
  if (error instanceof Unseen) return noted(problem);
  if (error instanceof ApiError && error.code === 403)
    return noted(`could not look: ${problem}`, "run doctor as an administrator of the cluster to see it");
  if (error instanceof TransportError || error instanceof ApiError)
    return broken(
      `could not look: ${problem}`,
      "look at the API server, and at what lies between; then run doctor again",
    );
  if (error instanceof DOMException && error.name === "TimeoutError")
    return broken("not seen in time", "the API server or a node is slow: run doctor again");
  if (error instanceof OperationError) return broken(problem, "");
  return broken(`could not look: ${problem}`, "run doctor again");
}
