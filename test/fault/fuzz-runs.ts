import { executable, type Outcome } from "../conformance/provider.ts";
import { inParallel } from "./chance.ts";
import { execFrames, proved } from "./fuzz-data.ts";
import { type FuzzServer, namespaceOf } from "./fuzz-server.ts";

/** Some cases wait for retries. */
const AT_ONCE = 6;

/** City of every case. */
export const CITY = "fuzz";

/** What the cases are tried on. */
export interface FuzzSubject {
  server: FuzzServer;
  path: string;
}

/** Calls an operation of a case. */
export async function callCase(
  { server, path }: FuzzSubject,
  number: number,
  [op, ...args]: [string, ...string[]],
  { env = {}, stdin }: { env?: Record<string, string>; stdin?: string } = {},
): Promise<Outcome> {
  const own = { KUBECONFIG: server.kubeconfig, GC_K8S_NAMESPACE: namespaceOf(number), HOME: server.folder };
  const settings = { GC_K8S_CITY: CITY, GC_K8S_IMAGE: "image" };
  return await executable({ ...own, ...settings, ...env }, path)({ op, args, ...(stdin !== undefined && { stdin }) });
}

/** Does so many cases; resolves with what was wrong. */
export async function eachCase(
  count: number,
  from: number,
  work: (number: number) => Promise<string | undefined>,
): Promise<string[]> {
  const numbers = Array.from({ length: count }, (_, index) => from + index);
  const found = await inParallel(numbers, AT_ONCE, async (number) => {
    const problem = await work(number);
    return problem === undefined ? [] : [`${number}: ${problem}`];
  });
  return found.flat();
}

/** Nothing was proved: exit 1, and one line that says so. */
export function refused({ exit, stderr, stdout }: Outcome): string | undefined {
  if (exit === 1 && /^[^\p{Cc}]+\n$/u.test(stderr) && !/not found|already exists|not running/i.test(stderr))
    return undefined;
  return `nothing was proved, but exit ${exit}, "${stdout.slice(0, 80)}", ${stderr.slice(0, 400)}`;
}

/** Execs whose frames are made up: what was wrong, and how many proved what. */
export async function fuzzedExecs(
  subject: FuzzSubject,
  count: number,
): Promise<{ problems: string[]; counts: Record<"done" | "absent" | "nothing", number> }> {
  const counts = { done: 0, absent: 0, nothing: 0 };
  const problems = await eachCase(count, 0, async (number) => {
    const frames = execFrames(number);
    subject.server.set(number, { frames });
    const outcome = await callCase(subject, number, ["peek", "session"]);
    const proof = proved(frames);
    const what = proof === undefined ? "nothing" : proof === "absent" ? "absent" : "done";
    counts[what]++;
    if (proof === undefined) return refused(outcome);
    const expected = proof === "absent" ? Buffer.alloc(0) : shown(proof);
    const isRight = outcome.exit === 0 && expected.equals(outcome.bytes);
    return isRight ? undefined : `${what}, but exit ${outcome.exit}: ${outcome.stderr}`;
  });
  return { problems, counts };
}

/** What `peek` prints of a screen: all but control characters, which a terminal would obey; tabs and line ends stay. */
function shown(screen: Buffer): Buffer {
  const bytes = [...screen];
  const isC1 = (at: number) => bytes[at] === 0xc2 && (bytes[at + 1] ?? 0) >= 0x80 && (bytes[at + 1] ?? 0) <= 0x9f;
  const isC0 = (byte: number) => (byte < 0x20 && byte !== 0x09 && byte !== 0x0a) || byte === 0x7f;
  return Buffer.from(bytes.filter((byte, at) => !isC0(byte) && !isC1(at) && !(at > 0 && isC1(at - 1))));
}
