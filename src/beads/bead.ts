import { type BdEdge, type BdRow, metadataTexts } from "./bd-row.ts";
import { type BeadMarker, exactTitle, FROM_KEY, OWN_KEYS, readMarker } from "./bead-marker.ts";

/** A bead as gc reads it. What is empty is left out. */
export interface Bead {
  id: string;
  title: string;
  status: "open" | "in_progress" | "closed";
  type: string;
  priority: number | undefined;
  created_at: string | undefined;
  updated_at: string | undefined;
  assignee: string | undefined;
  from: string | undefined;
  parent_id: string | undefined;
  ref: string | undefined;
  needs: string[] | undefined;
  description: string | undefined;
  labels: string[] | undefined;
  metadata: Record<string, string> | undefined;
  ephemeral: true | undefined;
  no_history: true | undefined;
  defer_until: string | undefined;
}

/** bd's row as gc's bead. */
export function beadOf(row: BdRow): Bead {
  const marker = readMarker(row.metadata);
  return {
    id: row.id,
    title: exactTitle(row.title, row.metadata, marker),
    status: row.status === "closed" || row.status === "in_progress" ? row.status : "open",
    type: row.issue_type || "task",
    priority: row.priority,
    created_at: createdAt(row, marker),
    updated_at: row.updated_at,
    assignee: row.assignee || undefined,
    from: fromOf(row, marker) || undefined,
    parent_id: parentOf(row),
    ref: marker.ref || undefined,
    needs: row.dependencies && needsOf(row.dependencies),
    description: row.description || undefined,
    labels: row.labels && unlessEmpty(row.labels),
    metadata: row.metadata && metadataOf(row.metadata, marker),
    ephemeral: row.ephemeral ? true : undefined,
    no_history: row.no_history ? true : undefined,
    defer_until: deferUntil(row, marker),
  };
}

/** Newest first; gc cuts a list after sorting it so. */
export function newestFirst(one: Bead, other: Bead): number {
  return compare(other.created_at ?? "", one.created_at ?? "") || compare(other.id, one.id);
}

/** In the order of their making. */
export function oldestFirst(one: Bead, other: Bead): number {
  return newestFirst(other, one);
}

/** Order of two texts; times of one form are in order of time. */
export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function needsOf(edges: BdEdge[]): string[] | undefined {
  return unlessEmpty(edges.filter(({ type }) => type !== "parent-child").map(needOf));
}

/** A dependency as `needs` writes it: a blocking one by its id alone. */
function needOf({ depends_on_id, type }: BdEdge): string {
  return type === "blocks" ? depends_on_id : `${type}:${depends_on_id}`;
}

function parentOf(row: BdRow): string | undefined {
  const edge = row.dependencies?.find(({ type, issue_id }) => type === "parent-child" && issue_id === row.id);
  return row.parent || edge?.depends_on_id || undefined;
}

/** Longest time between the marker and the row that it came with. */
const SAME_MOMENT_MS = 60_000;

function createdAt({ created_at }: BdRow, { created }: BeadMarker): string | undefined {
  if (!created || !created_at) return created_at;
  return Math.abs(Date.parse(created) - Date.parse(created_at)) < SAME_MOMENT_MS ? created : created_at;
}

/** Somebody may have deferred the bead anew: then the marker's text is out of date. */
function deferUntil({ defer_until }: BdRow, marker: BeadMarker): string | undefined {
  if (!defer_until || !marker.deferUntil) return defer_until;
  return Math.abs(Date.parse(marker.deferUntil) - Date.parse(defer_until)) <= 1_000 ? marker.deferUntil : defer_until;
}

function fromOf({ metadata }: BdRow, marker: BeadMarker): string | undefined {
  if (marker.from !== undefined) return marker.from;
  const from = metadata?.["from"];
  return typeof from === "string" ? from : undefined;
}

function metadataOf(metadata: Record<string, unknown>, marker: BeadMarker): Record<string, string> | undefined {
  const isCopied = marker.isFromCopied && !Object.hasOwn(metadata, FROM_KEY) && metadata["from"] === marker.from;
  const hidden = isCopied ? [...OWN_KEYS, "from"] : OWN_KEYS;
  const rest = Object.fromEntries(Object.entries(metadata).filter(([key]) => !hidden.includes(key)));
  return Object.keys(rest).length > 0 ? metadataTexts(rest) : undefined;
}

function unlessEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
