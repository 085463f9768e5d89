import { goTrim } from "./go-trim.ts";

/** What a bead of gc's has and bd has no field for. It is one text among the bead's metadata, which no reader gets to see. */
export interface BeadMarker {
  /** Random id of the call that made the bead; by it a repeated call knows its own. */
  nonce?: string;
  /** When it was made, to the nanosecond; bd keeps seconds. */
  created?: string;
  /** The title where bd changes it: it takes blanks off its ends. */
  title?: string;
  from?: string;
  /** `from` stands among the metadata, too, where plain gc in an agent's pod looks for it. */
  isFromCopied?: boolean;
  ref?: string;
  /** As it was given; bd rounds it to seconds. */
  deferUntil?: string;
}

/** Key of that text. */
export const MARKER_KEY = "gc-k8s.bead";

/** Key of the title as an update gave it. Keys are merged by bd, texts under them are not, so the marker cannot take it. */
export const TITLE_KEY = "gc-k8s.title";

/** Key that says that somebody has set `from` among the metadata, so that it is no copy any longer. */
export const FROM_KEY = "gc-k8s.from";

/** Keys that no caller may set, and no reader gets to see. */
export const OWN_KEYS: readonly string[] = [MARKER_KEY, TITLE_KEY, FROM_KEY];

/** The bead's marker; an empty one for a bead that something else made. */
export function readMarker(metadata: Record<string, unknown> | undefined): BeadMarker {
  const text = metadata?.[MARKER_KEY];
  if (typeof text !== "string") return {};
  try {
    const marker: unknown = JSON.parse(text);
    return marker !== null && typeof marker === "object" ? (marker as BeadMarker) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The title with the blanks at its ends, unless somebody has changed it without us. */
export function exactTitle(
  title: string,
  metadata: Record<string, unknown> | undefined,
  marker = readMarker(metadata),
): string {
  const kept = [metadata?.[TITLE_KEY], marker.title];
  return kept.find((each): each is string => typeof each === "string" && goTrim(each) === title) ?? title;
}
