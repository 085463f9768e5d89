import type { CaseName } from "./planted-cases.ts";

/** A bug that somebody could make, as a change of the source, and the case that has to notice it. */
export interface PlantedBug {
  name: string;
  /** Path below `src/`. */
  file: string;
  /** What stands there, exactly once, and what the bug makes of it. */
  changes: [search: string, replacement: string][];
  caughtBy: CaseName;
  /** What the case has to find: a bug that breaks every call in any other way is not caught by that. */
  finding: RegExp;
}

/** Each must be caught; none may be caught where there is none. */
export const PLANTED_BUGS: PlantedBug[] = [
  {
    name: "a status frame that says nothing counts as success",
    file: "kube/exec-frames.ts",
    changes: [['return { failure: "the status frame says neither Success nor Failure" }', "return { exitCode: 0 }"]],
    caughtBy: "fuzzed execs",
    finding: /nothing was proved, but exit 0/,
  },
  {
    name: "the end of the connection counts as the end of the command",
    file: "kube/exec.ts",
    changes: [["else exited.reject(error);", "else exited.resolve(0);"]],
    caughtBy: "fuzzed execs",
    finding: /nothing was proved, but exit 0/,
  },
  {
    name: "frames of unknown channels are skipped",
    file: "kube/exec.ts",
    changes: [
      [
        'if (received.channel === "invalid") return this.#fail(`the server sent ${received.reason}`);',
        'if (received.channel === "invalid") return;',
      ],
    ],
    caughtBy: "fuzzed execs",
    finding: /nothing was proved, but exit 0/,
  },
  {
    name: "output without its end counts as whole",
    file: "session/box-script.ts",
    changes: [["if (end < 0 || !stdout.subarray(end).equals(DONE))", "if (end < 0)"]],
    caughtBy: "fuzzed execs",
    finding: /nothing was proved, but exit 0/,
  },
  {
    name: "the commit is skipped",
    file: "session/bring-up.ts",
    changes: [
      [
        "await launched.commit().catch((error: unknown) => confirmCommit(context, session, running, error));",
        "void launched, confirmCommit;",
      ],
    ],
    caughtBy: "start without a fault",
    // A launch that nobody commits ends its box, and it may have done so by now.
    finding: /false success: its (launch is not committed|pod is not marked and running)/,
  },
  {
    name: "a delete without a UID",
    file: "kube/delete-object.ts",
    changes: [["preconditions: { uid }, ", ""]],
    caughtBy: "stop while the pod is replaced",
    finding: /a stop deleted a pod that it had not seen/,
  },
  {
    name: "stop does not wait for the end",
    file: "session/stop.ts",
    changes: [["await finish(context, session, pod);", "void finish;"]],
    caughtBy: "fuzzed watches",
    finding: /nobody has said that the pod is gone/,
  },
  {
    name: "a failed look is false",
    file: "session/is-running.ts",
    changes: [
      [
        "await getPod(context.client(), session, context.signal);",
        "await getPod(context.client(), session, context.signal).catch(() => undefined);",
      ],
    ],
    caughtBy: "is-running × 409",
    finding: /false success: says "false/,
  },
  {
    name: "a failed look is an agent's death",
    file: "session/process-alive.ts",
    changes: [["if (!answer) return undefined;", 'if (!answer) return { stdout: "false\\n" };']],
    caughtBy: "process-alive × 500",
    finding: /false success: says "false/,
  },
  {
    name: "a failed list is an empty one",
    file: "session/list-running.ts",
    changes: [["signal: context.signal,\n    });", "signal: context.signal,\n    }).catch(() => ({ items: [] }));"]],
    caughtBy: "list-running × 409",
    finding: /false success: says ""/,
  },
  {
    name: "a target that is a prefix (-t main)",
    file: "session/get-meta.ts",
    changes: [
      [
        'show-environment -t =main -- "$1" 2>/dev/null || tmux -u show-environment -t =main',
        'show-environment -t main -- "$1" 2>/dev/null || tmux -u show-environment -t main',
      ],
    ],
    caughtBy: "get-meta beside a session main2",
    finding: /get-meta answers for another tmux session/,
  },
  {
    name: "an exit code of the box is passed on",
    file: "session/box-script.ts",
    changes: [
      [
        "  if (exitCode !== 0)\n    throw new OperationError(",
        "  if (exitCode === 2) process.exit(2);\n  if (exitCode !== 0)\n    throw new OperationError(",
      ],
    ],
    caughtBy: "copy-from without a work directory",
    finding: /copy-from ended with 2/,
  },
  {
    name: "every failure is an unknown operation",
    file: "provider/run.ts",
    changes: [["instanceof UnknownOperationError ? 2 : 1;", "instanceof UnknownOperationError ? 1 : 2;"]],
    caughtBy: "is-running × 409",
    finding: /exit 2: exit 2 without an unknown operation/,
  },
  {
    name: "a command is repeated although it may have run",
    file: "session/exec.ts",
    changes: [["repeatable: false,", "repeatable: true,"]],
    caughtBy: "exec × answers cut at their end",
    finding: /exec .*false success: \w+, and happened/,
  },
  {
    name: "a text is typed again on a repetition",
    file: "session/nudge.sh",
    changes: [['if ! is_done "$1"; then', "if :; then"]],
    caughtBy: "nudge × answers cut at their end",
    finding: /nudge .*false success: \w+, and happened/,
  },
  {
    name: "keys are pressed again on a repetition",
    file: "session/send-keys.ts",
    changes: [['if ! grep -qxF "$1" /run/gc/pressed; then', "if :; then"]],
    caughtBy: "send-keys × answers cut at their end",
    finding: /send-keys .*false success: \w+, and happened/,
  },
  {
    name: "Enter is pressed again on a repetition",
    file: "session/nudge.sh",
    changes: [['if ! is_done "$1 done"; then', "if :; then"]],
    caughtBy: "nudge × answers cut at their end",
    finding: /nudge .*false success: \w+, and happened/,
  },
  {
    name: "Enter is pressed twice",
    file: "session/nudge.sh",
    changes: [["printf '\\r' |", "printf '\\r\\r' |"]],
    caughtBy: "nudge without a fault",
    finding: /nudge .*false success: \w+, and happened/,
  },
  {
    name: "an agent that could not be seen has ended",
    file: "session/create-box.ts",
    changes: [
      [
        "const state = await agentState(context, session);",
        'const state = await agentState(context, session).catch((): "ended" => "ended");',
      ],
    ],
    caughtBy: "start, live × 403 of the exec",
    finding: /start, live .*false success: the live session's pod/,
  },
  {
    name: "a namespace's or a node's absence is the pod's",
    file: "kube/errors.ts",
    changes: [
      ["return kind === undefined || error.status.details?.kind === kind;", "return true || kind === undefined;"],
    ],
    caughtBy: "is-running × 404 of a node",
    finding: /is-running .*false success: says "false/,
  },
  {
    name: "a list without items is an empty one",
    file: "kube/watch.ts",
    changes: [["if (!isList(page)) throw", "if (isList(page) && !page.metadata) throw"]],
    caughtBy: "fuzzed lists",
    finding: /nothing was proved, but exit 0/,
  },
  {
    name: "a text is typed by send-keys",
    file: "session/nudge.sh",
    changes: [
      [
        'tmux load-buffer -b "gc-$1" "$text" && tmux paste-buffer -p -r -d -b "gc-$1" -t "$pane"',
        'tmux send-keys -t "$pane" -l "$(cat "$text")"',
      ],
    ],
    caughtBy: "odd texts",
    finding: /not typed: /,
  },
  {
    name: "Retry-After is ignored",
    file: "kube/retry.ts",
    changes: [["const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;", "const asked = 0;"]],
    caughtBy: "429 with Retry-After",
    finding: /ended with \d after 1?\d?\d?\d ms/,
  },
  {
    name: "a copy is put in place without a look at it",
    file: "session/copy-to.sh",
    changes: [
      ["read -r expected || fail 'the stream ended early; nothing was copied'", "read -r expected || :"],
      ['[ "$actual" = "$expected" ] ||', '[ "$actual" = "$actual" ] ||'],
      ['[ "$status" = 0 ] ||', '[ "$status" != none ] ||'],
      ['-ge "$3" ] ||', "-ge 0 ] ||"],
    ],
    caughtBy: "copy-to cut midway",
    finding: /there is a part of the file/,
  },
  {
    name: "error lines keep what moves the cursor",
    file: "provider/errors.ts",
    changes: [['text.replace(/[\\p{Cc}\\u2028\\u2029]+/gu, " ").trim()', "text.trim()"]],
    caughtBy: "hostile paths",
    finding: /not exactly one clean line/,
  },
  {
    name: "error lines keep the phrases that gc acts on",
    file: "provider/errors.ts",
    changes: [["if (!(error instanceof FactError)) for", "if (error instanceof Map) for"]],
    caughtBy: "hostile commands",
    finding: /a phrase that gc takes for a fact/,
  },
  {
    name: "an interrupted start leaves its pod",
    file: "session/bring-up.ts",
    changes: [["await undo(context, session, startId, progress.pod, failure);", "void undo;"]],
    caughtBy: "start interrupted",
    finding: /the pod of an interrupted start is still there/,
  },
];
