import { UsageError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";

/** The metadata key that argument 1 names; tmux keeps metadata as variables of the session's environment. */
export function metaKey(context: Context): string {
  const key = context.args[1] ?? "";
  if (key === "") throw new UsageError("missing metadata key");
  if (/[=\p{Cc}]/u.test(key))
    throw new UsageError(`Cannot use the metadata key "${key}": it holds "=" or a control character`);
  return key;
}
