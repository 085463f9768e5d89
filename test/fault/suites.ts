import type { Suite } from "../support/suites.ts";

/** One suite of faults. */
export interface FaultSuite {
  name: string;
  /** Test files, or folders of them. */
  tests: string[];
  /** It is given up after so many minutes. */
  minutes: number;
  /** Sizes of the suites of `npm test` that are only made larger here. */
  env?: Record<string, string>;
  /** `npm test` runs it reduced, too. */
  isInNpmTest?: boolean;
  /** One lane of suites runs beside the other, 0. */
  lane?: 1;
  /** It is no part of a whole run. */
  isByNameOnly?: boolean;
  /** Most concurrent tests of one file that run at a time. */
  concurrency?: number;
}

/** A whole run may take so long, in milliseconds; what is left to run then has failed. */
export const MOST_MS = 45 * 60_000;

/** What `npm run test:fault` runs, in this order, and after it what runs by name only. */
export const faultSuites: FaultSuite[] = [
  {
    name: "signals",
    tests: ["test/signals"],
    minutes: 12,
    env: { GC_TEST_INTERRUPTS: "66", GC_TEST_KILLS: "26" },
  },
  { name: "hostile-wire", tests: ["test/fault/hostile-wire.test.ts"], minutes: 8, isInNpmTest: true },
  { name: "interleavings", tests: ["test/races"], minutes: 20, env: { GC_TEST_SCHEDULES: "200" } },
  { name: "nudge", tests: ["test/fault/nudge.test.ts"], minutes: 20, isInNpmTest: true },
  { name: "planted-bugs", tests: ["test/fault/planted-bugs.test.ts"], minutes: 8 },
  { name: "hostile-box", tests: ["test/fault/hostile-box.test.ts"], minutes: 10, isInNpmTest: true, concurrency: 3 },
  { name: "node", tests: ["test/fault/node.test.ts"], minutes: 12, isInNpmTest: true },
  { name: "copy", tests: ["test/fault/copy.test.ts"], minutes: 10, isInNpmTest: true },
  { name: "hostile-input", tests: ["test/fault/hostile-input.test.ts"], minutes: 15, isInNpmTest: true },
  { name: "soak", tests: ["test/fault/soak.test.ts"], minutes: 27, isInNpmTest: true, lane: 1 },
  // They take all of the processors, which would be the soak's.
  { name: "wire", tests: ["test/fault/wire.test.ts"], minutes: 25, isInNpmTest: true, lane: 1 },
  { name: "fuzz", tests: ["test/fault/fuzz.test.ts"], minutes: 8, isInNpmTest: true, lane: 1 },
  {
    name: "wire-comparison",
    tests: ["test/fault/wire-comparison.test.ts"],
    minutes: 6,
    isInNpmTest: true,
    isByNameOnly: true,
  },
  { name: "security", tests: ["test/security"], minutes: 25, isInNpmTest: true, isByNameOnly: true },
  { name: "events-load", tests: ["test/fault/events-load.test.ts"], minutes: 8, isByNameOnly: true },
  { name: "beads-wire", tests: ["test/beads/wire.test.ts"], minutes: 15, isByNameOnly: true },
];

/** The suites of a run without names. */
export const wholeRun = faultSuites.filter(({ isByNameOnly }) => !isByNameOnly);

/** The suites of these names (those of a whole run when there are none) as the runner takes them. */
export function fullSuites(names: string[], seed: string): Suite[] {
  const unknown = names.filter((name) => !faultSuites.some((suite) => suite.name === name));
  if (unknown.length > 0) throw new Error(`there is no suite of faults "${unknown.join(", ")}"`);
  const wanted = names.length === 0 ? wholeRun : faultSuites.filter(({ name }) => names.includes(name));
  return wanted.map(({ name, tests, minutes, env, lane = 0, concurrency }) => ({
    name,
    tests,
    timeoutMs: minutes * 60_000,
    limitMs: minutes * 60_000,
    lane,
    ...(concurrency && { concurrency }),
    env: { ...env, FAULT_SIZE: "full", FAULT_SEED: seed },
  }));
}

/** The one suite of `npm test`: every row, few runs, the same seed each time. */
export function reducedSuite(env: Record<string, string>): Suite {
  const tests = faultSuites.flatMap((suite) => (suite.isInNpmTest ? suite.tests : []));
  return { name: "fault", tests, env: { ...env, FAULT_SIZE: "reduced", FAULT_SEED: "1" }, timeoutMs: 240_000 };
}
