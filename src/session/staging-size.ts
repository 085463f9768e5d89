import { OperationError } from "../provider/errors.ts";
import { tarEntryBytes } from "./tar-header.ts";
import { type Staged, tarBytes } from "./tar-stream.ts";

const UNITS: Record<string, number> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};
/** Parts that are named in the error. */
const NAMED = 3;
/** Parts are told by so many components of their path, `workspace` being the first. */
const DEPTH = 3;

/** Throws when what is to be staged has more bytes than the limit (a quantity such as `2Gi`); names the largest parts. */
export function assertStagingSize(entries: Staged[], limit: string): void {
  const [, digits = "0", unit = ""] = /^(\d+)(\w*)$/.exec(limit) ?? [];
  const bytes = tarBytes(entries);
  if (bytes <= Number(digits) * (UNITS[unit] ?? 1)) return;
  const parts = largest(entries).map(([path, size]) => `"${path}" has ${readable(size)}`);
  throw new OperationError(
    `Cannot stage ${readable(bytes)}: GC_K8S_STAGING_LIMIT is ${limit}; ${parts.join(", ")}: ` +
      "leave them out by GC_K8S_STAGING_IGNORE or a file .gcignore, or raise the limit",
  );
}

function largest(entries: Staged[]): [string, number][] {
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    const part = entry.path.split("/").slice(1, DEPTH).join("/");
    sizes.set(part, (sizes.get(part) ?? 0) + tarEntryBytes(entry));
  }
  const sorted = [...sizes].sort(([, one], [, other]) => other - one).slice(0, NAMED);
  return sorted.map(([path, size]) => [Buffer.from(path, "latin1").toString("utf8"), size]);
}

function readable(bytes: number): string {
  const units: [number, string][] = [
    [2 ** 30, "GiB"],
    [2 ** 20, "MiB"],
  ];
  const [size, name] = units.find(([each]) => bytes >= each) ?? [2 ** 10, "KiB"];
  return `${(bytes / size).toFixed(1)} ${name}`;
}
