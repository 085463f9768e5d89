import { type Chance, chanceOf } from "./chance.ts";

/** JSON, or what is left of it: cut, with a byte changed, with a value of another type, or with a key gone. */
export function mangled(chance: Chance, value: unknown): Uint8Array {
  const kind = chance.below(6);
  const text = Buffer.from(JSON.stringify(kind < 3 ? changed(chance, value) : value));
  if (kind === 3) return text.subarray(0, chance.below(text.length));
  if (kind === 4) text[chance.below(text.length)] = chance.below(256);
  if (kind === 5) return Buffer.concat([text, chance.bytes(1 + chance.below(20))]);
  return text;
}

const STRANGE = [null, 0, -1, 1e308, "", "x", "\u0000", [], {}, [[]], true, "Success", "NotFound", "y".repeat(5_000)];

/** A value that no field expects. */
export function strange(chance: Chance): unknown {
  return STRANGE[chance.below(STRANGE.length)];
}

/** The value with one of its parts replaced or removed, wherever that is. */
function changed(chance: Chance, value: unknown): unknown {
  if (typeof value !== "object" || value === null || chance.below(4) === 0) return strange(chance);
  const copy = structuredClone(value) as Record<string, unknown>;
  const keys = Object.keys(copy);
  const key = keys[chance.below(keys.length)];
  if (key === undefined) return strange(chance);
  if (chance.below(4) === 0) delete copy[key];
  else copy[key] = changed(chance, copy[key]);
  return copy;
}

/** Ends the output of a script that ran to its end. */
const DONE = Buffer.from("\0done\n");

const OUTPUT = message(1, Buffer.from("output"));
const END = message(1, DONE);
const SUCCESS = message(3, Buffer.from(JSON.stringify({ metadata: {}, status: "Success" })));

/** Successes that lack one thing each. Every run begins with them, so that what they find is no matter of its seed. */
const LACKING: (Uint8Array | string)[][] = [
  [OUTPUT, END, message(9, Buffer.from("x")), SUCCESS],
  [OUTPUT, END, message(3, Buffer.from("{}"))],
  [OUTPUT, END],
  [OUTPUT, SUCCESS],
];

/** Frames of the so-many-th exec: some that are always the same, then such as chance makes them. */
export function execFrames(number: number): (Uint8Array | string)[] {
  return LACKING[number] ?? madeFrames(chanceOf(`frames/${number}`));
}

/** Output, then a status, each of which may be missing, in parts, or not what it should be. */
function madeFrames(chance: Chance): (Uint8Array | string)[] {
  const output = chance.bytes(chance.between(0, 3_000));
  const end = chance.below(3) === 0 ? DONE.subarray(0, chance.below(DONE.length)) : DONE;
  const frames: (Uint8Array | string)[] = [message(1, output), message(1, end)];
  if (chance.below(4) === 0) frames.splice(chance.below(3), 0, oddFrame(chance));
  if (chance.below(5) > 0) frames.push(message(3, statusBody(chance)));
  if (chance.below(4) === 0) frames.push(oddFrame(chance));
  return frames;
}

/** A message of a channel. */
function message(channel: number, data: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([Uint8Array.of(channel), data]));
}

function oddFrame(chance: Chance): Uint8Array | string {
  const odd = [
    () => "a text",
    () => new Uint8Array(),
    () => message(4 + chance.below(251), Buffer.from("x")),
    () => message(3, new Uint8Array()),
    () => message(2, chance.bytes(200)),
    () => message(3, statusBody(chance)),
  ];
  return odd[chance.below(odd.length)]?.() ?? "";
}

function statusBody(chance: Chance): Uint8Array {
  const causes = [{ reason: "ExitCode", message: String(chance.pick([1, 2, 113, 114, 127, 255])) }];
  const failure = {
    status: "Failure",
    reason: "NonZeroExitCode",
    message: "made by the test\nat line 2",
    details: { causes },
  };
  const status = chance.below(2) === 0 ? { metadata: {}, status: "Success" } : failure;
  return chance.below(2) === 0 ? Buffer.from(JSON.stringify(status)) : mangled(chance, status);
}

/** What the frames prove, told without the source: the output of a whole success, "absent", or nothing. */
export function proved(frames: (Uint8Array | string)[]): Buffer | "absent" | undefined {
  const output: Uint8Array[] = [];
  for (const frame of frames) {
    if (typeof frame === "string" || frame.length === 0 || ![1, 2, 3].includes(frame[0] ?? 0)) return undefined;
    const data = Buffer.from(frame.subarray(1));
    if (frame[0] === 1) output.push(data);
    if (frame[0] !== 3) continue;
    const status = parsed(data) as
      | { status?: unknown; reason?: unknown; details?: { causes?: unknown } }
      | null
      | undefined;
    const all = Buffer.concat(output);
    if (status?.status === "Success")
      return all.subarray(-DONE.length).equals(DONE) ? all.subarray(0, -DONE.length) : undefined;
    const causes = status?.details?.causes;
    const cause = Array.isArray(causes) ? causes.find((each) => each?.reason === "ExitCode") : undefined;
    return status?.status === "Failure" && status.reason === "NonZeroExitCode" && cause?.message === "113"
      ? "absent"
      : undefined;
  }
  return undefined;
}

/** JSON as it is, undefined when it is none. */
export function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
