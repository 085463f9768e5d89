import { FactError, UsageError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";

/** The id that an argument gives. One that no bead can have is certainly absent; an empty one is an error, because bd would
 * take the bead that was touched last. */
export function beadId(context: Context, index = 0): string {
  const id = context.args[index] ?? "";
  if (id === "") throw new UsageError("missing id of a bead");
  if (!isPossible(id)) throw absent(id);
  return id;
}

/** True unless bd could not even be asked for it: its lists of ids are parted by commas, and lose blanks. */
export function isPossible(id: string): boolean {
  return /^[^\s\p{Cc},-][^\s\p{Cc},]*$/u.test(id) && id.length <= 255;
}

/** The fact that gc takes for "there is no such bead". */
export function absent(id: string): FactError {
  return new FactError(`bead "${id.slice(0, 300)}" not found`);
}
