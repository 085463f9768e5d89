import { DOLT_SECRET_DIR, RUNNER_HOME } from "../pod/beads-runner.ts";
import type { Context } from "../provider/operation.ts";
import type { Scope } from "./city.ts";
import { type DatabaseFacts, scopeMark } from "./owner.ts";
import type { ScopeRecord } from "./scope-record.ts";
import { shellWord } from "./shell.ts";

/** The scope's `env` file: where its workspace is, and how its server is reached. The password stays in its own file. */
export function scopeEnvironment(
  context: Context,
  scope: Scope,
  record: ScopeRecord,
  facts: DatabaseFacts = {},
): string {
  const customStatuses = facts["status.custom"] ?? "";
  const variables: Record<string, string | undefined> = {
    BEADS_DIR: `${RUNNER_HOME}/scopes/${scope.prefix}/.beads`,
    BEADS_DOLT_SERVER_HOST: record.host,
    BEADS_DOLT_SERVER_PORT: record.port,
    // Accounts of the city's server are none of another one's business.
    BEADS_DOLT_SERVER_USER: record.host ? (record.user ?? "root") : undefined,
    GC_SCOPE_PATH: scopeMark(context, facts),
    // In the database each may have a category after a colon.
    GC_CUSTOM_STATUSES: [...customStatuses.matchAll(/([^,:\s]+)[^,]*/g)].map(([, name]) => `,${name}`).join(""),
  };
  const lines = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [`export ${name}=${shellWord(value)}`],
  );
  return [
    ...lines,
    AUTHORITY,
    ...secretLines(record, "password", "BEADS_DOLT_PASSWORD"),
    ...secretLines(record, "user", "BEADS_DOLT_SERVER_USER"),
  ].join("\n");
}

/** An authority of one's own, by which the server's certificate is verified. */
const AUTHORITY = `[ ! -r ${DOLT_SECRET_DIR}/ca.crt ] || export SSL_CERT_FILE=${DOLT_SECRET_DIR}/ca.crt`;

/** Takes a key of the Secret, the database's own before that of the city's server; a change of it is seen at once. */
function secretLines({ database, host }: ScopeRecord, key: string, variable: string): string[] {
  const files = [`${DOLT_SECRET_DIR}/${database}.${key}`, ...(host ? [] : [`${DOLT_SECRET_DIR}/${key}`])];
  return [
    `for file in ${files.join(" ")}; do`,
    `  [ -r "$file" ] || continue`,
    `  IFS= read -r ${variable} <"$file" || :`,
    `  export ${variable}`,
    "  break",
    "done",
  ];
}
