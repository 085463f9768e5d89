import { RunnerAnnotation } from "../pod/labels.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { City } from "./city.ts";
import { patchRunnerSet, type RunnerSet } from "./runner-objects.ts";

/** What `init` settled of a scope; no secrets. */
export interface ScopeRecord {
  database: string;
  /** Directory of the scope on gc's machine. */
  root: string;
  /** Its own Dolt server, where that is not the city's. */
  host?: string;
  port?: string;
  user?: string;
}

/** Every scope that was initialised, by prefix. */
export function scopeRecords(set: RunnerSet | undefined): Record<string, ScopeRecord> {
  const text = set?.metadata.annotations?.[RunnerAnnotation.scopes];
  try {
    return text ? (JSON.parse(text) as Record<string, ScopeRecord>) : {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new OperationError(
      `Cannot read the record of the city's stores: annotation "${RunnerAnnotation.scopes}" of statefulset "${set?.metadata.name}" is no JSON`,
    );
  }
}

/** Keeps what `init` settled, beside the other scopes' records. */
export async function recordScope(context: Context, city: City, prefix: string, record: ScopeRecord): Promise<void> {
  await patchRunnerSet(context, city, (set) => {
    const records = scopeRecords(set);
    if (JSON.stringify(records[prefix]) === JSON.stringify(record)) return undefined;
    const scopes = JSON.stringify({ ...records, [prefix]: record });
    return { metadata: { annotations: { [RunnerAnnotation.scopes]: scopes } } };
  });
}
