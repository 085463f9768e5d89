/** A session of a city: what every name, label and check is derived from. */
export interface SessionIdentity {
  city: string;
  session: string;
}

/** Identity as 64 hex digits; a box holds it in `/run/gc/id`, so that a script runs in no other session's box. */
export function identityHash({ city, session }: SessionIdentity): string {
  return sha256(`${city}\0${session}`);
}

/** Says why no session can have this name, or undefined; `list-running` prints a name per line. */
export function sessionNameProblem(name: string): string | undefined {
  if (name.length > 1024) return "it is longer than 1024 characters";
  return /\p{Cc}|\u2028|\u2029/u.test(name) ? "it holds a control character" : undefined;
}

/** Name of the session's pod: readable start, and a hash that keeps any two sessions apart. */
export function podName(identity: SessionIdentity): string {
  const slug = identity.session
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return ["gc", slug, identityHash(identity).slice(0, 10)].filter((part) => part !== "").join("-");
}

/** Label value made as upstream makes it, so that its readers select our pods: lossy, never an identity. */
export function labelValue(text: string): string {
  const value = text
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "")
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, "");
  return value || "unknown";
}

/** SHA-256 of UTF-8 text as lower-case hex. */
export function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}
