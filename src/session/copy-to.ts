import { statSync } from "node:fs";
import { basename, posix } from "node:path";
import { WORKSPACE } from "../pod/box.ts";
import { OperationError, UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { Checksum } from "./checksum.ts";
import copyToScript from "./copy-to.sh" with { type: "text" };
import { namedSession } from "./session.ts";
import { type Staged, tarBytes, tarStream } from "./tar-stream.ts";
import { bytesOf, readEntry, readTree } from "./tree.ts";

/** `copy-to <name> <src> <rel_dst>`: a missing source or session is no error, as the contract says. */
export const copyTo: Operation = {
  usage: "<name> <src> <rel_dst>",
  help: "Copies a file, or a directory's contents, to the path below the session's `/workspace`; nothing is in place until all of it has arrived.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const session = namedSession(context);
    const [, source = "", relative = ""] = context.args;
    if (source === "") throw new UsageError("missing source path");
    const { directory, entries } = plan(source, destination(relative));
    if (entries.length === 0) return undefined;
    context.log.phase("copy");
    const args = [String(tarBytes(entries)), directory, String(entries.length)];
    const stdin = () => withChecksum(entries);
    await runInBox(context, session, { script: copyToScript, args, stdin, repeatable: true, withoutAgent: true });
    return undefined;
  },
};

/** Path below the workspace; one that would leave it is refused. */
function destination(relative: string): string {
  const path = posix.normalize(`/${relative}`).replace(/\/+$/, "");
  if (relative.split("/").includes(".."))
    throw new UsageError(`Cannot copy to "${relative}": it leads out of the workspace`);
  return path.slice(1);
}

/** A directory's contents go into the destination; a file becomes it, or goes into the workspace when there is none.
 * A source that is a link stands for what it leads to; links below it stay links. */
function plan(source: string, relative: string): { directory: string; entries: Staged[] } {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (!stat) return { directory: WORKSPACE, entries: [] };
  if (stat.isDirectory()) {
    const entries = readTree(source, { target: "", excludeTop: new Set() });
    return { directory: posix.join(WORKSPACE, relative), entries };
  }
  const target = relative || basename(source);
  const entry = readEntry(source, bytesOf(posix.basename(target)));
  if (!entry) throw new OperationError(`Cannot copy "${source}": it is no file or directory`);
  return { directory: posix.join(WORKSPACE, posix.dirname(target)), entries: [entry] };
}

/** The tar stream, then one line with the checksum of its bytes as they were sent. */
function* withChecksum(entries: Staged[]): Generator<Uint8Array> {
  const checksum = new Checksum();
  for (const piece of tarStream(entries)) {
    checksum.update(piece);
    yield piece;
  }
  yield new TextEncoder().encode(`${checksum.digest()}\n`);
}
