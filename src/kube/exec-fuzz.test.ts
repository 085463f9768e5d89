import { expect, test } from "bun:test";
import { parseExecStatus, parseFrame } from "./exec-frames.ts";
import { type ExecSocket, exec, exitStatus, message, SUCCESS, withExecServer } from "./testdata/fake-exec.ts";

/** Repeats the run that printed it. */
const SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const FRAMES = 5_000;

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((state >>> 8) / 2 ** 24) * below);
  };
}

type Pick = (below: number) => number;

function pickOf<T>(pick: Pick, values: readonly T[], otherwise: T): T {
  return values[pick(values.length)] ?? otherwise;
}

/** A JSON value whose keys and texts are those of a Status, in places where they may or may not belong. */
function randomJson(pick: Pick, depth: number): unknown {
  const texts = ["Success", "Failure", "ExitCode", "NonZeroExitCode", "0", "1", "7", "255", "256", "", "x"];
  const keys = ["status", "reason", "message", "details", "causes", "kind", "code", "0", "__proto__", "length"];
  const kind = pick(depth > 0 ? 9 : 6);
  if (kind < 3) return pickOf(pick, texts, "x");
  if (kind === 3) return pick(300) - 20;
  if (kind === 4) return null;
  if (kind === 5) return pick(2) === 0;
  if (kind === 6) return Array.from({ length: pick(4) }, () => randomJson(pick, depth - 1));
  return Object.fromEntries(
    Array.from({ length: 1 + pick(5) }, () => [pickOf(pick, keys, "status"), randomJson(pick, depth - 1)]),
  );
}

/** A status body: near the real ones, cut, with bytes changed, or nothing like them. */
function randomStatus(pick: Pick): Uint8Array {
  const body = [
    () => SUCCESS.slice(1),
    () => exitStatus(pick(300)).slice(1),
    () => new TextEncoder().encode(JSON.stringify(randomJson(pick, 4))),
    () => new TextEncoder().encode(JSON.stringify({ status: "Failure", details: randomJson(pick, 3) })),
    () => Uint8Array.from({ length: pick(40) }, () => pick(256)),
  ][pick(5)]?.() as Uint8Array;
  if (pick(3) === 0) return body.slice(0, pick(body.length + 1));
  if (pick(3) === 0 && body.length > 0) body[pick(body.length)] = pick(256);
  return body;
}

/** What a status proves, decided by other means than the source's: the two exact shapes that count. */
function proves(body: Uint8Array): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
  const get = (from: unknown, key: string) => (from as Record<string, unknown> | null | undefined)?.[key];
  if (typeof value !== "object" || value === null) return undefined;
  if (get(value, "status") === "Success") return 0;
  if (get(value, "status") !== "Failure" || get(value, "reason") !== "NonZeroExitCode") return undefined;
  const causes = get(get(value, "details"), "causes");
  const cause = Array.isArray(causes) ? causes.find((each) => get(each, "reason") === "ExitCode") : undefined;
  const text = get(cause, "message");
  const code = typeof text === "string" && /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  return code >= 1 && code <= 255 ? code : undefined;
}

test(`${FRAMES} status bodies: each is what it proves, and never an error (seed ${SEED})`, () => {
  const pick = random(SEED);
  let proofs = 0;
  for (let count = 0; count < FRAMES; count++) {
    const body = randomStatus(pick);
    const proved = proves(body);
    const end = parseExecStatus(body);
    const shown = `seed ${SEED}, number ${count}: ${Buffer.from(body)}`;
    expect([shown, "exitCode" in end ? end.exitCode : undefined]).toEqual([shown, proved]);
    if (proved !== undefined) proofs++;
  }
  expect(proofs).toBeWithin(FRAMES / 100, FRAMES);
});

test(`${FRAMES} frames over the wire: no false success, no error that escapes (seed ${SEED})`, async () => {
  const pick = random(SEED + 1);
  const escaped: unknown[] = [];
  const onEscape = (error: unknown) => escaped.push(error);
  process.on("uncaughtException", onEscape);
  process.on("unhandledRejection", onEscape);
  const wrong: string[] = [];
  let frames: (Uint8Array | string)[] = [];
  const open = (socket: ExecSocket) => {
    for (const frame of frames) socket.send(frame);
    [() => socket.close(1000), () => socket.close(1011, "x"), () => socket.terminate()][pick(3)]?.();
  };
  try {
    await withExecServer({ open }, async (client) => {
      for (let sent = 0; sent < FRAMES; sent += frames.length) {
        frames = Array.from({ length: 1 + pick(12) }, () => randomFrame(pick));
        const { stream } = await exec(client);
        const ended = await stream.exited.catch((error: Error) => error.name);
        if (ended !== expected(frames)) wrong.push(`${ended} after ${JSON.stringify(frames.map(String))}`);
      }
    });
  } finally {
    process.off("uncaughtException", onEscape);
    process.off("unhandledRejection", onEscape);
  }
  expect(wrong).toEqual([]);
  expect(escaped).toEqual([]);
});

function randomFrame(pick: Pick): Uint8Array | string {
  const kind = pick(20);
  if (kind === 0) return "text";
  if (kind === 1) return new Uint8Array();
  if (kind === 2) return message(4 + pick(252), "x");
  if (kind < 6) return message(3, randomStatus(pick));
  return message(1 + pick(2), "x".repeat(pick(100)));
}

/** How an exec with these frames must end: its first status or its first offence decides. */
function expected(frames: (Uint8Array | string)[]): number | string {
  for (const each of frames) {
    const { channel } = parseFrame(each);
    if (channel === "invalid") return "ExecError";
    if (channel === "error") return proves((each as Uint8Array).slice(1)) ?? "ExecError";
  }
  return "ExecError";
}
