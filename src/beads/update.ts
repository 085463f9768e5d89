import { OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BdRow, bdRows, metadataTexts } from "./bd-row.ts";
import { beadOf } from "./bead.ts";
import { beadId } from "./bead-id.ts";
import { exactTitle, FROM_KEY, TITLE_KEY } from "./bead-marker.ts";
import { goTrim } from "./go-trim.ts";
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

/** Changes the bead by one bd and verifies in the row that it prints that every field is as it was asked for. When nobody
 * knows what came of that, what would undo another's change is not repeated: then the bead itself tells. */
export async function applyUpdate(context: Context, id: string, request: UpdateRequest): Promise<void> {
  const what = `update bead "${id}"`;
  const look = `look_up ${shellWord(id)}\nprintf '%s' "$found"`;
  const change = changeScript(id, request);
  let isLook = change === undefined;
  const stdout = await changeBead(context, id, {
    what,
    body(_, isUndone) {
      isLook = change === undefined || (!isUndone && OVERWRITING.some((name) => request[name] !== undefined));
      return isLook ? look : change;
    },
  });
  const row = bdRows(stdout, what).find((each) => each.id === id);
  if (!row) throw new OperationError(`Cannot ${what}: bd changed another bead`);
  const parentRow = isLook || request.parent_id === undefined ? row : await findRow(context, id, what);
  const wrong = differences(row, request) ?? differentParent(parentRow, request);
  if (!wrong) return;
  if (!isLook) throw new OperationError(`Cannot ${what}: its ${wrong} is not what was asked for`);
  throw new OperationError(
    `Cannot ${what}: whether it was changed is not known, because the answer was lost; by now its ${wrong} is another`,
  );
}

/** Fields whose value another may have set in between; labels and metadata keys may be written again. */
const OVERWRITING = ["title", "status", "type", "priority", "description", "parent_id", "assignee"] as const;

/** undefined when nothing is to be changed. */
function changeScript(id: string, request: UpdateRequest): string | undefined {
  const words = changes(request);
  if (words.length === 0) return undefined;
  const bd = shellWords(["bd", "update", "--json", id, ...words]);
  const metadata = metadataOf(request);
  const input = metadata ? `printf '%s' ${shellWord(JSON.stringify(metadata))} | ` : "";
  return `must_exist ${shellWords([id, ...(request.parent_id ? [request.parent_id] : [])])}\n${input}${bd}${keepReason(id, request)}`;
}

/** What is asked for, and what bd has no field for; undefined when there is neither. */
function metadataOf({ metadata = {}, title }: UpdateRequest): Record<string, string> | undefined {
  const all = {
    ...metadata,
    ...(title !== undefined && { [TITLE_KEY]: title }),
    ...(Object.hasOwn(metadata, "from") && { [FROM_KEY]: "set" }),
  };
  return Object.keys(all).length > 0 ? all : undefined;
}

/** gc sets the reason right before it closes; kept beside, it costs `close` no second bd. */
function keepReason(id: string, { metadata }: UpdateRequest): string {
  const reason = metadata?.["close_reason"];
  return reason === undefined ? "" : ` && printf '%s' ${shellWord(goTrim(reason))} >"$home/reason-"${shellWord(id)}`;
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
    ...(metadataOf(request) ? ["--metadata=@/dev/stdin"] : []),
    ...(assignee === undefined && status === undefined ? [] : ["--force"]),
  ];
}

/** Name of the first field that is not as it was asked for; bd's answer is the row after the change, in the same transaction. */
function differences(row: BdRow, request: UpdateRequest): string | undefined {
  const given: [string, unknown, unknown][] = [
    ["title", request.title, exactTitle(row.title, row.metadata)],
    ["status", request.status, row.status],
    ["type", request.type, row.issue_type || "task"],
    ["priority", request.priority, row.priority],
    ["description", request.description, row.description ?? ""],
    ["assignee", request.assignee, row.assignee ?? ""],
  ];
  const wrong = given.find(([, asked, now]) => asked !== undefined && asked !== now);
  if (wrong) return wrong[0];
  const { labels = [], remove_labels = [], metadata = {} } = request;
  const has = new Set(row.labels);
  const missing = labels.find((label) => !has.has(label));
  if (missing !== undefined) return `label "${missing}"`;
  const left = remove_labels.find((label) => has.has(label) && !labels.includes(label));
  if (left !== undefined) return `label "${left}"`;
  const texts = metadataTexts(row.metadata ?? {});
  const other = Object.entries(metadata).find(([key, value]) => texts[key] !== value);
  return other && `metadata "${other[0]}"`;
}

/** The one field that bd does not print after an update. */
function differentParent(row: BdRow | undefined, { parent_id: asked }: UpdateRequest): string | undefined {
  return asked === undefined || (row && (beadOf(row).parent_id ?? "") === asked) ? undefined : "parent";
}
