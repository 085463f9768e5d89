import type { Chance } from "./chance.ts";
import type { GroundCall } from "./fault-ground.ts";

/** File that an injected command would make, on this machine or in the box. */
export const CANARY = "/tmp/gc-injected";

const INJECTIONS: [string, ...string[]] = [
  `$(touch ${CANARY})`,
  `\`touch ${CANARY}\``,
  `'; touch ${CANARY}; '`,
  `"; touch ${CANARY}; "`,
  `;touch ${CANARY}`,
  `|touch ${CANARY}`,
  `\ntouch ${CANARY}\n`,
  `&& touch ${CANARY} &&`,
  `#(touch ${CANARY})`,
  `#{?1,#(touch ${CANARY}),}`,
  `; run-shell 'touch ${CANARY}'`,
  `$GC_K8S_IMAGE$(touch ${CANARY})`,
];

const ODD: [string, ...string[]] = [
  "",
  " ",
  "-",
  "--",
  "--help",
  "-x",
  ".",
  "..",
  "../../x",
  "/",
  "/api/v1/namespaces/kube-system/pods",
  "a/b?watch=1&x=#y",
  "%2e%2e%2f",
  "é日本🏙",
  "\u202egnp.exe",
  "\u2028",
  "\ud800",
  "a\tb",
  "a\rb",
  "a\x1b]0;title\x07b",
  "\x1b[2J",
  "\x7f\x9b31m",
  "__proto__",
  "constructor",
  "null",
  "0",
  "-1",
  "1e309",
  "NaN",
  "*",
  "~",
  "$HOME",
  "%s%n%x",
  "x".repeat(300),
  "y".repeat(10_000),
  "日".repeat(20_000),
];

/** A string that somebody might use to break in or to break something. */
export function hostileText(chance: Chance): string {
  const pieces = [() => chance.pick(INJECTIONS), () => chance.pick(ODD), () => printable(chance)];
  return Array.from({ length: 1 + chance.below(2) }, () => pieces[chance.below(pieces.length)]?.() ?? "").join("");
}

function printable(chance: Chance): string {
  return Array.from({ length: 1 + chance.below(20) }, () => String.fromCharCode(1 + chance.below(383))).join("");
}

/** Makes one hostile call; `live` is a session that runs, `absent` a namespace that is not there. */
type Maker = (chance: Chance, place: { live: string; absent: string }) => GroundCall;

const NAMED = [
  "is-running",
  "stop",
  "peek",
  "interrupt",
  "get-last-activity",
  "clear-scrollback",
  "is-attached",
] as const;
const SETTINGS = ["NAMESPACE", "IMAGE", "CITY", "CPU_REQUEST", "MEM_REQUEST", "CONTEXT", "LOG", "WORKSPACE"] as const;

/** Every way in which something from outside comes in. */
export const MAKERS: Record<string, Maker> = {
  "a session's name": (chance) => ({ op: chance.pick(NAMED), args: [hostileText(chance)] }),
  "a prefix": (chance) => ({ op: "list-running", args: [hostileText(chance)] }),
  "a number of lines": (chance, { live }) => ({ op: "peek", args: [live, hostileText(chance)] }),
  "keys to press": (chance, { live }) => ({ op: "send-keys", args: [live, hostileText(chance), hostileText(chance)] }),
  "a key of metadata": (chance, { live }) => ({
    op: chance.pick(["get-meta", "remove-meta", "set-meta"]),
    args: [live, `h${hostileText(chance)}`],
    stdin: "value",
  }),
  "a value of metadata": (chance, { live }) => ({
    op: "set-meta",
    args: [live, "hostile"],
    stdin: hostileText(chance),
  }),
  "names of processes": (chance, { live }) => ({ op: "process-alive", args: [live], stdin: hostileText(chance) }),
  "a path to read": (chance, { live }) => ({ op: "copy-from", args: [live, hostileText(chance)] }),
  "a path to write": (chance, { live }) => ({ op: "copy-to", args: [live, import.meta.path, hostileText(chance)] }),
  // Refused in one line that quotes it, so what moves the cursor is sure to reach the error line.
  "a path that leads out": (chance, { live }) => ({
    op: "copy-to",
    args: [live, import.meta.path, `../a\r\x1b[2J${hostileText(chance)}`],
  }),
  "a path on this machine": (chance, { live }) => ({
    op: "copy-to",
    args: [live, `/absent/${hostileText(chance)}`, "x"],
  }),
  "an image": (chance, { absent }) => ({
    op: "check-image",
    args: [hostileText(chance)],
    env: { GC_K8S_NAMESPACE: absent },
  }),
  "a setting": (chance, { live }) => ({
    op: "is-running",
    args: [live],
    env: { [`GC_K8S_${chance.pick(SETTINGS)}`]: hostileText(chance).replaceAll(CANARY, "/dev/null") },
  }),
  "a kubeconfig's name": (chance, { live }) => ({
    op: "is-running",
    args: [live],
    env: { KUBECONFIG: hostileText(chance) },
  }),
  "too few or too many arguments": (chance, { live }) => ({
    op: chance.pick([
      "is-running",
      "peek",
      "interrupt",
      "set-meta",
      "get-meta",
      "copy-to",
      "copy-from",
      "send-keys",
      "list-running",
    ]),
    args: Array.from({ length: chance.below(5) }, (_, index) => (index === 0 ? live : hostileText(chance))),
    stdin: "",
  }),
  // Nothing is wrong with the configuration, so what the API server says of the namespace is sure to reach the error line.
  "an agent's command": (chance, { absent }) => ({
    op: "start",
    args: ["hostile"],
    stdin: JSON.stringify({ command: `agent ${hostileText(chance)}` }),
    env: { GC_K8S_NAMESPACE: absent },
  }),
  "a configuration": (chance, { absent }) => ({
    op: chance.pick(["start", "provision"]),
    args: ["hostile"],
    stdin: configuration(chance),
    env: { GC_K8S_NAMESPACE: absent },
  }),
};

const FIELDS: [string, ...string[]] = [
  "command",
  "work_dir",
  "env",
  "nudge",
  "session_setup",
  "pre_start",
  "copy_files",
  "overlay_dir",
];

/** A start configuration that is cut, has fields of other types, or values that are hostile. */
function configuration(chance: Chance): string {
  const values = [
    () => hostileText(chance),
    () => chance.below(1_000) - 500,
    () => null,
    () => [hostileText(chance), {}],
    () => ({ [hostileText(chance)]: hostileText(chance) }),
    () => true,
  ];
  const field = () => [chance.pick(FIELDS), values[chance.below(values.length)]?.()];
  const text = JSON.stringify(Object.fromEntries(Array.from({ length: 1 + chance.below(4) }, field)));
  return chance.below(4) === 0 ? text.slice(0, chance.below(text.length)) : text;
}
