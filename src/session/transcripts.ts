import { errorLine, OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { withPatience } from "./patience.ts";
import { ReceivedFiles } from "./received-files.ts";
import { quoted, type Session } from "./session.ts";

/** Regular files below the directory, as `ReceivedFiles` reads them: small ones first, because a large one may be too much,
 * and again what has changed meanwhile. A file that grows is cut at its length, and one that shrinks is filled up and its
 * length told behind it. */
const SEND_FILES = `cd -P /run/gc/cwd && cd "$1" 2>/dev/null || { printf '\\0done\\n'; exit 0; }
: >/run/gc/transcripts-sent
send='exec 4>&1
for file; do
name=$(printf %s "$file" | base64 | tr -d "\\n")
size=$(stat -c %s "$file") || continue
[ -r "$file" ] || { printf "%s\\n" "- $name"; continue; }
printf "%s\\n" "$size $name"
sent=$(dd if="$file" bs=256K iflag=fullblock,count_bytes count="$size" 2>&1 >&4)
sent=\${sent##*records out?}
sent=\${sent%% *}
[ "$sent" = "$size" ] || head -c "$((size - sent))" /dev/zero
printf "%s\\n" "$sent"
done'
find . -type f -size -32768 -exec sh -c "$send" sh {} +
find . -type f '(' ! -size -32768 -o -newer /run/gc/transcripts-sent ')' -exec sh -c "$send" sh {} +`;

/** gc kills a stop after 30 s, and the box has to be removed within them, too. */
const COPY_MS = 10_000;
const MOST_BYTES = 256 * 1024 * 1024;
/** What is held back of the stream: the end that every script prints. */
const END_BYTES = 16;

/** Copies what a live agent has written in `GC_TRANSCRIPTS_SRC` to `GC_TRANSCRIPTS_DEST` on this machine, when the
 * caller's environment names both. Throws when not all of it is there afterwards; each file that arrived whole is. */
export async function saveTranscripts(context: Context, session: Session): Promise<void> {
  const { GC_TRANSCRIPTS_SRC: source, GC_TRANSCRIPTS_DEST: destination } = context.env;
  if (!source || !destination) return;
  context.log.phase("transcripts");
  const files = new ReceivedFiles(destination);
  const inVain = () => {
    throw new OperationError(`it took over ${COPY_MS / 1000} s`);
  };
  const copy = (signal: AbortSignal) => receive({ ...context, signal }, session, source, files);
  await withPatience(context.signal, COPY_MS, ({ signal }) => copy(signal), inVain).catch((error: unknown) => {
    const found = `${files.count} files that came whole are in "${destination}"`;
    throw new OperationError(`Cannot copy the transcripts of ${quoted(session)}: ${errorLine(error)}; ${found}`);
  });
}

async function receive(context: Context, session: Session, source: string, files: ReceivedFiles): Promise<void> {
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
