import { OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { bdRows } from "./bd-row.ts";
import { type Bead, beadOf } from "./bead.ts";
import { beadId } from "./bead-id.ts";
import { readRequest, type UpdateRequest } from "./request.ts";
import { csvField, descriptionFlag, shellWord, shellWords } from "./shell.ts";
import { changeBead, findRow } from "./store.ts";

/** `update <id>`: only the given fields change, an empty text clears one, and `{}` changes nothing. */
export const update: Operation = {
  usage: "<id>",
  help: "Changes the fields that the JSON on stdin gives; labels are added, metadata is merged, an empty text clears.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const id = beadId(context);
    const request = await readRequest<UpdateRequest>(context);
    await applyUpdate(context, id, request);
    return undefined;
  },
};

/** Changes the bead by one bd and verifies in what it prints that every field is as it was asked for. */
export async function applyUpdate(context: Context, id: string, request: UpdateRequest): Promise<void> {
  const what = `update bead "${id}"`;
  const words = changes(request);
  const mustExist = `must_exist ${shellWords([id, ...(request.parent_id ? [request.parent_id] : [])])}`;
  if (words.length === 0) {
    await changeBead(context, id, { what, body: mustExist });
    return;
  }
  const bd = shellWords(["bd", "update", "--json", id, ...words]);
  const input = request.metadata ? `printf '%s' ${shellWord(JSON.stringify(request.metadata))} | ` : "";
  const body = `${mustExist}\n${input}${bd}${keepReason(id, request)}`;
  const stdout = await changeBead(context, id, { what, body });
  const row = bdRows(stdout, what).find((each) => each.id === id);
  if (!row) throw new OperationError(`Cannot ${what}: bd changed another bead`);
  assertChanged(beadOf(row), request, what);
  if (request.parent_id !== undefined) await assertParent(context, id, request.parent_id, what);
}

/** gc sets the reason right before it closes; kept beside, it costs `close` no second bd. */
function keepReason(id: string, { metadata }: UpdateRequest): string {
  const reason = metadata?.["close_reason"];
  return reason === undefined ? "" : ` && printf '%s' ${shellWord(reason.trim())} >"$home/reason-"${shellWord(id)}`;
}

/** `--force`: gc is the one that assigns; bd would protect the bead of somebody who works on it. */
function changes(request: UpdateRequest): string[] {
  const { title, status, type, priority, description, parent_id, assignee, labels = [], remove_labels = [] } = request;
  return [
    ...(title === undefined ? [] : [`--title=${title}`]),
    ...(status === undefined ? [] : [`--status=${status}`]),
    ...(type === undefined ? [] : [`--type=${type}`]),
    ...(priority === undefined ? [] : [`--priority=${priority}`]),
    ...(description === undefined ? [] : [descriptionFlag(description)]),
    ...(parent_id === undefined ? [] : [`--parent=${parent_id}`]),
    ...(assignee === undefined ? [] : [`--assignee=${assignee}`]),
    ...labels.map((label) => `--add-label=${csvField(label)}`),
    ...remove_labels.map((label) => `--remove-label=${csvField(label)}`),
    ...(request.metadata && Object.keys(request.metadata).length > 0 ? ["--metadata=@/dev/stdin"] : []),
    ...(assignee === undefined && status === undefined ? [] : ["--force"]),
  ];
}

/** bd's answer is the row after the change, in the same transaction. */
function assertChanged(bead: Bead, request: UpdateRequest, what: string): void {
  const given: [string, unknown, unknown][] = [
    ["title", request.title?.trim(), bead.title.trim()],
    ["type", request.type, bead.type],
    ["priority", request.priority, bead.priority],
    ["description", request.description, bead.description ?? ""],
    ["assignee", request.assignee, bead.assignee ?? ""],
  ];
  const wrong = given.find(([, asked, now]) => asked !== undefined && asked !== now);
  if (wrong) throw new OperationError(`Cannot ${what}: its ${wrong[0]} did not become what was asked for`);
  const { labels = [], metadata = {} } = bead;
  for (const label of request.labels ?? [])
    if (!labels.includes(label)) throw new OperationError(`Cannot ${what}: it did not get the label "${label}"`);
  for (const [key, value] of Object.entries(request.metadata ?? {}))
    if (metadata[key] !== value) throw new OperationError(`Cannot ${what}: its metadata "${key}" did not become so`);
}

/** The one field that bd does not print after an update. */
async function assertParent(context: Context, id: string, parent: string, what: string): Promise<void> {
  const row = await findRow(context, id, what);
  if (row && (beadOf(row).parent_id ?? "") === parent) return;
  throw new OperationError(`Cannot ${what}: its parent did not become "${parent}"`);
}
