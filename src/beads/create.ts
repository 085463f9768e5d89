import { OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BdRow, bdRows } from "./bd-row.ts";
import { type Bead, beadOf } from "./bead.ts";
import { isPossible } from "./bead-id.ts";
import { type BeadMarker, MARKER_KEY, readMarker } from "./bead-marker.ts";
import { scopeOf } from "./city.ts";
import { goTrim } from "./go-trim.ts";
import { type CreateRequest, readRequest } from "./request.ts";
import { csvField, descriptionFlag, shellWord, shellWords } from "./shell.ts";
import { findRow, json, outputOf, runInStore } from "./store.ts";

/** `create`: makes one bead, and only one, however often it has to be tried. */
export const create: Operation = {
  usage: "",
  help: "Makes the bead that the JSON on stdin describes, with its dependencies, and prints it.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const request = await readRequest<CreateRequest>(context);
    if (request.title === undefined) throw new OperationError("Cannot create a bead: the request has no title");
    if (request.ephemeral && request.no_history)
      throw new OperationError("Cannot create a bead that is both ephemeral and without history: bd knows one of them");
    const nonce = crypto.randomUUID();
    // An id that is somebody else's is rare, and a new one then free; a bead with our nonce is our own.
    for (let tries = 0; tries < 5; tries++) {
      const bead = await attempt(context, request, newId(scopeOf(context).prefix, request), nonce);
      if (bead) return json(bead);
    }
    throw new OperationError("Cannot create a bead: five ids in a row were taken");
  },
};

async function attempt(context: Context, request: CreateRequest, id: string, nonce: string): Promise<Bead | undefined> {
  const what = `create bead "${id}"`;
  const targets = targetsOf(request);
  const none = targets.find((target) => !isPossible(target) || target.startsWith("external:"));
  if (none !== undefined) throw new OperationError(needsAbsent(none));
  const make = makeScript(request, id, nonce);
  // An earlier attempt may have made it, with or without our hearing of it.
  const look = `read_rows ${shellWord(id)}
if row_has id ${shellWord(id)}; then printf '%s' "$found"; done_with 0; fi`;
  const body = (count: number) => (count === 0 ? make : `${look}\n${make}`);
  const answer = await runInStore(context, { what, body, mayMakeStore: true });
  if ("failure" in answer && /already exists(?! with type)/.test(answer.failure.text))
    return ownBead(context, request, { id, nonce, what });
  if ("failure" in answer && answer.failure.kind === "absent" && targets.includes(answer.failure.id))
    throw new OperationError(needsAbsent(answer.failure.id));
  const row = bdRows(outputOf(answer, what), what).find((each) => each.id === id);
  if (!row) throw new OperationError(`Cannot ${what}: bd printed another bead`);
  return ourBead(row, request, { nonce, what });
}

function needsAbsent(id: string): string {
  return `Cannot create the bead: it needs bead "${id}", which does not exist`;
}

/** The bead that has the id: an attempt of ours that had not ended when we looked for it, or somebody else's. */
async function ownBead(
  context: Context,
  request: CreateRequest,
  { id, nonce, what }: { id: string; nonce: string; what: string },
): Promise<Bead | undefined> {
  const row = await findRow(context, id, what);
  return row && ourBead(row, request, { nonce, what });
}

/** The bead with the edges that it was to have; undefined when somebody else made it. */
function ourBead(row: BdRow, request: CreateRequest, { nonce, what }: { nonce: string; what: string }) {
  if (readMarker(row.metadata).nonce !== nonce) return undefined;
  const has = new Set((row.dependencies ?? []).map(({ type, depends_on_id }) => `${type}:${depends_on_id}`));
  const missing = edges(request).find((edge) => !has.has(edge));
  if (missing === undefined) return beadOf(row);
  throw new OperationError(`Cannot ${what}: bd made it without its dependency ${missing}, and it is there`);
}

/** bd's own form of an id, so that its short forms work: six letters of which one at least is a digit. */
function newId(prefix: string, { ephemeral, no_history }: CreateRequest): string {
  const letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  const bytes = crypto.getRandomValues(new Uint32Array(6));
  const random = [...bytes].map((byte, index) => letters[byte % (index === 5 ? 10 : 36)]).join("");
  return `${prefix}-${ephemeral || no_history ? "wisp-" : ""}${random}`;
}

/** Stands in the metadata where the runner's clock is put in; bd's own times have no parts of a second. */
const CLOCK = "@gc-k8s-clock@";

function makeScript(request: CreateRequest, id: string, nonce: string): string {
  const { title, type, priority, description, assignee, labels = [], ephemeral, no_history, defer_until } = request;
  const words = [
    "bd",
    "create",
    "--json",
    "--quiet",
    "--no-inherit-labels",
    `--id=${id}`,
    `--title=${title}`,
    `--type=${type || "task"}`,
    ...(priority === undefined ? [] : [`--priority=${priority}`]),
    ...(description ? [descriptionFlag(description)] : []),
    ...(assignee ? [`--assignee=${assignee}`] : []),
    ...labels.map((label) => `--labels=${csvField(label)}`),
    ...edges(request).map((edge) => `--deps=${csvField(edge.replace(/^blocks:/, ""))}`),
    ...(ephemeral ? ["--ephemeral"] : []),
    ...(no_history ? ["--no-history"] : []),
    ...(defer_until ? [`--defer=${defer_until}`] : []),
    "--metadata=@/dev/stdin",
  ];
  const text = metadataText(request, nonce);
  const at = text.indexOf(CLOCK);
  const [before, after] = [text.slice(0, at), text.slice(at + CLOCK.length)];
  return `clock=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
said=$(printf '%s' ${shellWord(before)} "$clock" ${shellWord(after)} | ${shellWords(words)}) || { code=$?; printf '%s' "$said"; done_with $code; }
${afterMaking(request, id)}`;
}

/** bd prints a new bead without its edges, so one that has some is read again. Where an id that it needs is none, bd takes
 * it for the beginning of another, so the bead has another edge; to look before would cost each create a bd. */
function afterMaking(request: CreateRequest, id: string): string {
  // `close` has to look for a reason that came so.
  const remember = request.metadata?.["close_reason"] === undefined ? `remember ${shellWord(id)}\n` : "";
  const targets = targetsOf(request);
  if (targets.length === 0) return `${remember}printf '%s' "$said"`;
  const takenBack = targets.filter(isPlain).map((target) => takenBackUnless(target, id));
  return `read_rows ${shellWord(id)}\n${takenBack.join("")}${remember}printf '%s' "$found"`;
}

/** Deletes the bead that was just made when its row does not name this one, which then is not there. */
function takenBackUnless(target: string, id: string): string {
  return `case $found in
*'"${target}"'*) ;;
*) bd delete --force --json ${shellWord(id)} >/dev/null && { printf '%s' ${shellWord(target)}; done_with 44; } ;;
esac
`;
}

/** An id that JSON writes as it is. */
function isPlain(id: string): boolean {
  return /^[-.\w]+$/.test(id);
}

/** What the new bead depends on, with types; `blocks:` would turn the edge round in bd. */
function edges({ parent_id, needs = [] }: CreateRequest): string[] {
  const all = needs.map((need) => need.replace(/^(blocked-by|depends-on):/, "")).map(withType);
  // bd refuses what it is told twice.
  return [...new Set(parent_id ? [`parent-child:${parent_id}`, ...all] : all)];
}

function withType(need: string): string {
  return need.includes(":") ? need : `blocks:${need}`;
}

/** Ids that the new bead depends on. */
function targetsOf(request: CreateRequest): string[] {
  return edges(request).map((edge) => edge.slice(edge.indexOf(":") + 1));
}

function metadataText({ metadata = {}, title, from, ref, defer_until }: CreateRequest, nonce: string): string {
  const isFromCopied = from !== undefined && from !== "" && !Object.hasOwn(metadata, "from");
  const marker: BeadMarker = {
    nonce,
    created: CLOCK,
    ...(title !== goTrim(title) && { title }),
    ...(from && { from }),
    ...(isFromCopied && { isFromCopied }),
    ...(ref && { ref }),
    ...(defer_until && { deferUntil: defer_until }),
  };
  const own = `${JSON.stringify(MARKER_KEY)}:${JSON.stringify(JSON.stringify(marker))}`;
  const others = JSON.stringify({ ...metadata, ...(isFromCopied && { from }) }).slice(1);
  // First, so that the place of the clock is found before any text of a caller that looks like it; an object would put keys
  // that are numbers before it.
  return `{${own}${others === "}" ? "" : ","}${others}`;
}
