/** Time limit of lifecycle operations, of which gc gives the longest 120 s. */
export const LIFECYCLE_DEADLINE_MS = 110_000;
