import { type BeadsCity, beadsCity, beadsCommand, beadsEnvironment } from "./beads-city.ts";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { must, runProcess } from "./run-process.ts";

/** How much more than bd itself an operation may take, beside the exec. */
const OVER_BD = 1.15;
const LIST = ["list", "--json", "--flat", "--limit=0", "--include-infra", "--include-gates", "--include-templates"];
const EVERYTHING = [...LIST, "--all"];
const NOT_CLOSED = [...LIST, "--status=open,in_progress,blocked,deferred,pinned,hooked"];
const MANY = 5_000;

/** One operation beside the exec and the bd that it consists of. */
interface Operation {
  words: (id: string, other: string) => string[];
  stdin?: string;
  bd: (id: string, other: string) => string[];
  /** What is done before each run, without being measured. */
  before?: (city: BeadsCity, id: string, other: string) => void;
  /** Each run gets a bead of its own. */
  isOfNewBead?: boolean;
  /** Most of its own time in that of exec and bd, where it is not 1. */
  most?: number;
}

const SET_METADATA: Operation = {
  words: (id) => ["set-metadata", id, "state"],
  stdin: "awake",
  bd: (id) => ["update", "--json", id, '--metadata={"state":"asleep"}'],
};

/** Operations whose bd is the same as theirs. */
export const beadOperations: Record<string, Operation> = {
  get: { words: (id) => ["get", id], bd: (id) => [...EVERYTHING, `--id=${id}`] },
  "dep-list": { words: (id) => ["dep-list", id, "down"], bd: (id) => [...EVERYTHING, `--id=${id}`] },
  "list-by-label": { words: () => ["list-by-label", "watched", "0"], bd: () => [...EVERYTHING, "--label=watched"] },
  ready: { words: () => ["ready", "--include-ephemeral"], bd: () => NOT_CLOSED },
  create: {
    words: () => ["create"],
    stdin: '{"title":"one more"}',
    bd: () => [
      ...["create", "--json", "--quiet", "--no-inherit-labels", `--id=bench-${newId()}`, "--title=one more"],
      ...["--type=task", '--metadata={"a.key":"{\\"nonce\\":\\"0123456789abcdef\\"}"}'],
    ],
  },
  update: {
    words: (id) => ["update", id],
    stdin: '{"status":"in_progress","assignee":"me","description":"more"}',
    bd: (id) => ["update", "--json", id, "--status=in_progress", "--assignee=me", "--description=more", "--force"],
  },
  "set-metadata": SET_METADATA,
  "set-metadata of an unknown bead": { ...SET_METADATA, before: (city) => city.forget(), most: 2 },
  "dep-add": {
    words: (id, other) => ["dep-add", id, other, "blocks"],
    bd: (id, other) => ["dep", "add", id, other, "--type=blocks", "--json"],
  },
  close: {
    words: (id) => ["close", id],
    bd: (id) => ["close", "--force", "--json", id, "--reason=done"],
    // gc sets the reason right before.
    before: (city, id) => void city.ours(["set-metadata", id, "close_reason"], "done"),
    isOfNewBead: true,
  },
  children: { words: (id) => ["children", id], bd: (id) => [...EVERYTHING, `--parent=${id}`] },
  "dep-remove": {
    words: (id, other) => ["dep-remove", id, other],
    bd: (id, other) => ["dep", "remove", id, other, "--json"],
    before: (city, id, other) => void city.ours(["dep-add", id, other, "blocks"]),
  },
  // These look at the bead first, by a bd of its own.
  reopen: {
    words: (id) => ["reopen", id],
    bd: (id) => ["reopen", "--json", id],
    before: (city, id) => void city.ours(["close", id]),
    isOfNewBead: true,
    most: 2,
  },
  delete: {
    words: (id) => ["delete", "--force", id],
    bd: (id) => ["delete", "--force", "--json", id],
    isOfNewBead: true,
    most: 2,
  },
};

/** The part of an id that tells beads apart, in bd's form. */
function newId(): string {
  return `${Math.random().toString(36).slice(2, 7).padEnd(5, "x")}1`;
}

/** An operation on a warm runner, whole process. */
export async function beadContest(place: Place, operation: Operation): Promise<Contest> {
  const { words, stdin, bd, before, isOfNewBead } = operation;
  const city = beadsCity(place, "warm");
  const make = () => (JSON.parse(city.ours(["create"], WATCHED).stdout) as { id: string }).id;
  const [first, other] = [make(), make()];
  const prepared = () => {
    const id = isOfNewBead ? make() : first;
    before?.(city, id, other);
    return id;
  };
  return {
    async ours() {
      const id = prepared();
      return { ms: city.ours(words(id, other), stdin).ms };
    },
    theirs: {
      async "exec + 1.15 bd"() {
        const id = prepared();
        return { ms: city.floorMs() + OVER_BD * city.bdMs(bd(id, other)) };
      },
    },
  };
}

const WATCHED = '{"title":"watched","labels":["watched"]}';

/** `list` of a large store, beside `bd list` alone, and beside it as any other operation; and its memory. */
export async function listBeadsContest(place: Place): Promise<Contest> {
  const city = beadsCity(place, "large");
  seed(city);
  return {
    async ours() {
      const { ms, stdout, MB } = city.oursWithMemory(["list"]);
      must((JSON.parse(stdout) as unknown[]).length >= MANY, "list left out beads");
      return { ms, MB };
    },
    theirs: {
      async "bd list"() {
        return { ms: city.bdMs(EVERYTHING) };
      },
      async "exec + 1.15 bd"() {
        return { ms: city.floorMs() + OVER_BD * city.bdMs(EVERYTHING) };
      },
    },
  };
}

/** Runner, store and first bead of a city that has nothing yet. */
export async function firstBeadContest(place: Place): Promise<Contest> {
  let cities = 0;
  beadsEnvironment(place, "none");
  return {
    async ours() {
      const city = `first${++cities}`;
      const env = { ...beadsEnvironment(place, city), GC_STORE_ROOT: `/${city}` };
      const began = performance.now();
      runProcess(beadsCommand(place, ["init", `/${city}`, "bench", city], env));
      runProcess({ ...beadsCommand(place, ["create"], env), stdin: '{"title":"first"}' });
      return { ms: performance.now() - began };
    },
  };
}

/** What gc's cache does every half a minute: one `dep-list` per open bead; here eight at a time, told per call. */
export async function depListRateContest(place: Place): Promise<Contest> {
  const city = beadsCity(place, "warm");
  const { id } = JSON.parse(city.ours(["create"], '{"title":"watched"}').stdout) as { id: string };
  const { command, env } = beadsCommand(place, ["dep-list", id, "down"], beadsEnvironment(place, "warm"));
  const calls = 1_000;
  return {
    async ours() {
      let left = calls;
      const began = performance.now();
      const workers = Array.from({ length: 8 }, async () => {
        while (left-- > 0) {
          const child = Bun.spawn(command, { env, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
          must((await child.exited) === 0, `dep-list failed: ${await new Response(child.stderr).text()}`);
        }
      });
      await Promise.all(workers);
      return { ms: (performance.now() - began) / calls };
    },
  };
}

/** Beads straight into the tables: bd would take ten minutes for as many. */
function seed(city: BeadsCity): void {
  const [{ n = 0 } = {}] = city.sql("select count(*) as n from issues") as { n?: number }[];
  if (Number(n) >= MANY) return;
  const row = (i: number) =>
    `('bench-s${i}', 'bead ${i}', '${"a description of usual length. ".repeat(6)}', '', '', '', 'open', 'task')`;
  const rows = Array.from({ length: MANY }, (_, i) => row(i)).join(",");
  const columns = "id, title, description, design, acceptance_criteria, notes, status, issue_type";
  city.sql(`insert into issues (${columns}) values ${rows}`);
}
