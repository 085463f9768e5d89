import { Option } from "commander";
import type { Context, Result } from "../provider/operation.ts";
import { api, version } from "./checks/api.ts";
import { type Check, type Finding, type Level, type Patient, unseen } from "./checks/check.ts";
import { dns } from "./checks/dns.ts";
import { doltAddress, doltServer } from "./checks/dolt.ts";
import { exec, idle } from "./checks/exec.ts";
import { image } from "./checks/image.ts";
import { leftovers } from "./checks/leftovers.ts";
import { namespace } from "./checks/namespace.ts";
import { networkPolicy } from "./checks/network-policy.ts";
import { admit } from "./checks/patient.ts";
import { pod } from "./checks/pod.ts";
import { rights } from "./checks/rights.ts";
import { runner } from "./checks/runner.ts";
import { storage } from "./checks/storage.ts";
import { type CliCommand, type Options, outputOption } from "./command.ts";
import { type Colour, coloured, shownLine } from "./terminal-text.ts";

/** Every check, in the order of the report. They run at the same time, but for the first: without an API there is nothing to see. */
export const CHECKS: Check[] = [
  api,
  version,
  namespace,
  rights,
  pod,
  image,
  exec,
  idle,
  dns,
  storage,
  doltServer,
  doltAddress,
  runner,
  networkPolicy,
  leftovers,
];

/** One look at a cluster may last so long; what is not seen by then is told as not seen. */
const WITHIN_MS = 17_000;
const DEEP_WITHIN_MS = 55_000;

/** What one check came to. */
interface Outcome {
  check: string;
  findings: Finding[];
  ms: number;
}

/** `gc-k8s doctor`: every way in which the cluster is unfit, each with its fix. */
export const doctor: CliCommand = {
  usage: "doctor",
  summary: "Says what keeps a city from working, and the fix",
  help: "Looks at the cluster from every side and says what keeps a city from working, and how to mend it.",
  examples: [
    ["gc-k8s doctor", "everything that can be seen within 20 seconds; exit code 1 when something is broken"],
    ["gc-k8s doctor --deep", "also whether a connection outlives half a minute of silence"],
    ["gc-k8s doctor -o json", "the same for programs"],
  ],
  deadlineMs: DEEP_WITHIN_MS + 4_000,
  options: [new Option("--deep", "also runs checks that take half a minute"), outputOption("text", "wide", "json")],
  async run(context, options): Promise<Result> {
    const isDeep = options["deep"] === true;
    const limit = AbortSignal.timeout(isDeep ? DEEP_WITHIN_MS : WITHIN_MS);
    const bounded = { ...context, signal: AbortSignal.any([context.signal, limit]) };
    const outcomes = await examine(
      bounded,
      CHECKS.filter((check) => isDeep || !check.isDeep),
    );
    if (context.signal.aborted) throw context.signal.reason;
    const isClean = !outcomes.some(({ findings }) => findings.some(({ level }) => level === "error"));
    return { stdout: report(outcomes, isClean, options), exitCode: isClean ? 0 : 1 };
  },
};

async function examine(context: Context, [first, ...others]: Check[]): Promise<Outcome[]> {
  const { patient, discharge } = admit(context);
  try {
    if (!first) return [];
    const outcome = await outcomeOf(first, patient);
    if (outcome.findings.length > 0) return [outcome];
    return [outcome, ...(await Promise.all(others.map((check) => outcomeOf(check, patient))))];
  } finally {
    await discharge();
  }
}

async function outcomeOf(check: Check, patient: Patient): Promise<Outcome> {
  const began = performance.now();
  const findings = await check.run(patient).catch((error: unknown) => [unseen(error)]);
  return { check: check.name, findings, ms: Math.round(performance.now() - began) };
}

const COLOUR: Record<Level | "ok", Colour> = { ok: "good", note: "faint", warning: "waiting", error: "bad" };

function report(outcomes: Outcome[], isClean: boolean, { output }: Options): string {
  if (output === "json") return `${JSON.stringify({ clean: isClean, checks: outcomes }, null, 2)}\n`;
  const isWide = output === "wide";
  const lines = outcomes.flatMap(({ check, findings, ms }) => {
    const name = isWide ? `${check} (${ms} ms)` : check;
    return findings.length === 0 ? [line("ok", name)] : findings.flatMap((finding) => findingLines(name, finding));
  });
  return [...lines, "", isClean ? "Nothing keeps a city from working here." : "A city cannot work here yet.", ""].join(
    "\n",
  );
}

function findingLines(check: string, { level, problem, fix }: Finding): string[] {
  const told = line(level, `${check}: ${shownLine(problem)}`);
  return fix ? [told, `${" ".repeat(9)}→ ${shownLine(fix)}`] : [told];
}

function line(level: Level | "ok", text: string): string {
  return `${coloured(level.padEnd(7), COLOUR[level])}  ${text}`;
}
