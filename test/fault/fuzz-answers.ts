import type { Outcome } from "../conformance/provider.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { mangled, parsed, strange } from "./fuzz-data.ts";
import { CITY, callCase, eachCase, type FuzzSubject, refused } from "./fuzz-runs.ts";
import type { Asked, FuzzAnswer } from "./fuzz-server.ts";

/** One case: what the peer answers, what is called, and what may come of that. */
interface AnswerCase {
  call: [string, ...string[]];
  stdin?: string;
  answer(asked: Asked): FuzzAnswer | undefined;
  /** Looks at the call; undefined = nothing is wrong. Counted when `hasProof`. */
  judge(outcome: Outcome): string | undefined;
  hasProof: boolean;
}

/** What the API server says of a pod that is not there. */
export const NOT_FOUND = {
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  reason: "NotFound",
  code: 404,
  message: 'pods "x" not found',
  details: { name: "x", kind: "pods" },
};
const TAKEN = { ...NOT_FOUND, reason: "AlreadyExists", code: 409, message: 'pods "x" already exists' };
const DONE = json({ kind: "Status", status: "Success", code: 200 });

/** Cases of a kind: what was wrong, and how often there was a proof for more than "could not look". */
export async function fuzzedAnswers(
  subject: FuzzSubject,
  kind: keyof typeof MAKERS,
  count: number,
): Promise<{ problems: string[]; proofs: number }> {
  let proofs = 0;
  const from = 3_000_000 + 100_000 * Object.keys(MAKERS).indexOf(kind);
  const problems = await eachCase(count, from, async (number) => {
    const { call, stdin, answer, judge, hasProof } = MAKERS[kind](chanceOf(`${kind}/${number}`), number - from);
    if (hasProof) proofs++;
    subject.server.set(number, { answer });
    return judge(await callCase(subject, number, call, stdin === undefined ? {} : { stdin }));
  });
  return { problems, proofs };
}

const MAKERS = {
  /** `false` is said only on the API server's word that the pod, not something else, is absent. */
  get(chance: Chance): AnswerCase {
    const code = chance.pick([404, 404, 404, 400, 403, 409, 422, 200]);
    const body = chance.below(4) === 0 ? json(NOT_FOUND) : mangled(chance, NOT_FOUND);
    const said = parsed(body) as
      | { kind?: unknown; reason?: unknown; details?: { kind?: unknown } | null }
      | null
      | undefined;
    const hasProof =
      code === 404 && said?.kind === "Status" && said.reason === "NotFound" && said.details?.kind === "pods";
    return {
      call: ["is-running", "session"],
      answer: ({ what }) => (what === "get" ? { code, body } : undefined),
      judge: (outcome) => (hasProof ? printed(outcome, "false\n") : refused(outcome)),
      hasProof,
    };
  },

  /** No session is left out because the list could not be read. */
  list(chance: Chance, index: number): AnswerCase {
    const items = Array.from({ length: chance.below(4) }, (_, index) => ({
      metadata: pod(`session-${index}`).metadata,
    }));
    const list = { kind: "PartialObjectMetadataList", metadata: { resourceVersion: "7" }, items };
    const lacking = json({ ...list, items: undefined });
    // The first is always a list without items, the mistake that is easiest to make here.
    const body = index === 0 ? lacking : chance.below(4) === 0 ? json(list) : mangled(chance, list);
    const names = namesIn(parsed(body));
    return {
      call: ["list-running", ""],
      answer: ({ what }) => (what === "list" ? { code: 200, body } : undefined),
      // A name that is no text, say, may end the call, too.
      judge: (outcome) => (names !== undefined && outcome.exit === 0 ? printed(outcome, names) : refused(outcome)),
      hasProof: names !== undefined,
    };
  },

  /** A stop waits until it is told that the pod is gone: by the first watch, or by the second, which tells the truth. */
  watch(chance: Chance): AnswerCase {
    const type = chance.pick(["DELETED", "MODIFIED", "ERROR"]);
    // Another UID says that the pod is gone, so what is none has to be told from one.
    const { metadata, ...rest } = pod("session");
    const object =
      chance.below(3) === 0 ? { ...rest, metadata: { ...metadata, uid: strange(chance) } } : pod("session");
    const event = { type, object };
    const first = Buffer.concat([chance.below(2) ? json(event) : mangled(chance, event), Buffer.from("\n")]);
    const hasProof = first
      .toString()
      .split("\n")
      .map((line) => parsed(Buffer.from(line)))
      .some(tellsEnd);
    let watches = 0;
    return {
      call: ["stop", "session"],
      answer({ what }) {
        if (what === "get") return { code: 200, body: json(pod("session")) };
        if (what === "delete") return { code: 200, body: DONE };
        if (what !== "watch") return undefined;
        if (watches++ === 0) return { code: 200, body: first };
        return {
          code: 200,
          body: Buffer.concat([json({ type: "DELETED", object: pod("session") }), Buffer.from("\n")]),
        };
      },
      judge(outcome) {
        if (outcome.exit !== 0) return refused(outcome);
        return hasProof || watches > 1 ? undefined : "stopped, although nobody has said that the pod is gone";
      },
      hasProof,
    };
  },

  /** Whatever the answer to its POST, a start neither succeeds without an exec nor removes what it has not made. */
  post(chance: Chance): AnswerCase {
    const code = chance.pick([201, 201, 409, 409, 422, 200]);
    const deleted: unknown[] = [];
    return {
      call: ["start", "session"],
      stdin: "{}",
      answer({ what, body }) {
        if (what === "get") return { code: 200, body: json(pod("session")) };
        if (what === "delete") {
          deleted.push((parsed(Buffer.from(body)) as { preconditions?: { uid?: unknown } }).preconditions?.uid);
          return { code: 200, body: DONE };
        }
        if (what !== "post") return undefined;
        const made = JSON.parse(body) as { metadata: object };
        // By the UID the pod is removed when the start fails, so that one is strange more often than by chance.
        const uid = chance.below(3) === 0 ? strange(chance) : "made";
        const truth = code === 409 ? TAKEN : { ...made, metadata: { ...made.metadata, uid } };
        return { code, body: chance.below(4) === 0 ? json(truth) : mangled(chance, truth) };
      },
      judge(outcome) {
        const wrong = deleted.filter((uid) => typeof uid !== "string" || uid === "" || uid === LIVE_UID);
        return wrong.length > 0 ? `deletes the pod of UID ${JSON.stringify(wrong)}` : refused(outcome);
      },
      hasProof: code === 409,
    };
  },
};

const LIVE_UID = "live";

/** A session's pod, launched and well. */
function pod(session: string): { metadata: Record<string, unknown>; [part: string]: unknown } {
  const annotations = {
    "gc-session-name": session,
    "gc-city-name": CITY,
    "gc-start-id": "other",
    "gc-launched": "other",
  };
  const metadata = {
    name: "x",
    uid: LIVE_UID,
    resourceVersion: "1",
    creationTimestamp: "2020-01-01T00:00:00Z",
    annotations,
  };
  const containerStatuses = [{ name: "agent", state: { running: { startedAt: "2020-01-01T00:00:00Z" } } }];
  return { kind: "Pod", metadata, spec: {}, status: { phase: "Running", containerStatuses } };
}

/** Lines that a list proves, told without the source; undefined when it is none. */
function namesIn(list: unknown): string | undefined {
  const { metadata, items } = (list ?? {}) as { metadata?: unknown; items?: unknown };
  if (!isObject(metadata) || (items !== null && !Array.isArray(items))) return undefined;
  const all = (items ?? []) as { metadata?: Record<string, unknown> }[];
  if (!all.every((item) => isObject(item) && isObject(item.metadata))) return undefined;
  const names = all.flatMap(({ metadata: { annotations, deletionTimestamp } = {} }) => {
    const { "gc-session-name": name, "gc-city-name": city, ...rest } = (annotations ?? {}) as Record<string, unknown>;
    return city === CITY && "gc-launched" in rest && deletionTimestamp === undefined && name ? [`${name}\n`] : [];
  });
  return names.join("");
}

/** An event of the pod's end, or of another pod that has its name by now. */
function tellsEnd(event: unknown): boolean {
  const { type, object } = (event ?? {}) as { type?: unknown; object?: { metadata?: { uid?: unknown } | null } | null };
  const uid = object?.metadata?.uid;
  if (typeof uid !== "string" || uid === "" || type === "ERROR") return false;
  return type === "DELETED" || uid !== LIVE_UID;
}

function printed(outcome: Outcome, expected: string): string | undefined {
  if (outcome.exit === 0 && outcome.stdout === expected) return undefined;
  return `not ${JSON.stringify(expected)}, but exit ${outcome.exit}, ${JSON.stringify(outcome.stdout)}: ${outcome.stderr}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
