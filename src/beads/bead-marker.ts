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

/** Key of that text; no caller may set it. */
export const MARKER_KEY = "gc-k8s.bead";

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
