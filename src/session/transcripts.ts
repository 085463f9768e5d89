import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { withPatience } from "./patience.ts";
import { ReceivedFiles } from "./received-files.ts";
import { quoted, type Session } from "./session.ts";

/** Regular files below the directory, as `ReceivedFiles` reads them; a file that grows meanwhile is cut at its length. */
const SEND_FILES = `cd -P /run/gc/cwd && cd "$1" 2>/dev/null || { printf '\\0done\\n'; exit 0; }
find . -type f -exec sh -c 'for file; do
size=$(stat -c %s "$file") || continue
printf "%s %s\\n" "$size" "$(printf %s "$file" | base64 | tr -d "\\n")"
head -c "$size" "$file"
done' sh {} +`;

/** gc kills a stop after 30 s, and the box has to be removed within them, too. */
const COPY_MS = 10_000;
const MOST_BYTES = 256 * 1024 * 1024;
/** What is held back of the stream: the end that every script prints. */
const END_BYTES = 16;

/** Copies what a live agent has written in `GC_TRANSCRIPTS_SRC` to `GC_TRANSCRIPTS_DEST` on this machine, when the
 * caller's environment names both. Throws when not all of it is there afterwards; then none of it is. */
export async function saveTranscripts(context: Context, session: Session): Promise<void> {
  const { GC_TRANSCRIPTS_SRC: source, GC_TRANSCRIPTS_DEST: destination } = context.env;
  if (!source || !destination) return;
  context.log.phase("transcripts");
  const inVain = () => {
    throw new OperationError(`Cannot copy the transcripts of ${quoted(session)}: it took over ${COPY_MS / 1000} s`);
  };
  const copy = (signal: AbortSignal) => receive({ ...context, signal }, session, source, destination);
  await withPatience(context.signal, COPY_MS, ({ signal }) => copy(signal), inVain);
}

async function receive(context: Context, session: Session, source: string, destination: string): Promise<void> {
  const files = new ReceivedFiles(destination);
  try {
    const answer = await runInBox(context, session, {
      script: SEND_FILES,
      args: [source],
      repeatable: true,
      maxBytes: MOST_BYTES,
      sink: { keepBytes: END_BYTES, take: (data) => files.push(data) },
    });
    // An agent that has ended took its files with it; what a live one wrote was copied.
    if (answer.state !== "done") return;
    files.push(answer.stdout);
    files.finish();
  } finally {
    files.cleanUp();
  }
}
