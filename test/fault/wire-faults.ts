import type { Chance } from "./chance.ts";
import type { WireFault } from "./cluster-access.ts";
import type { HttpFault } from "./http-proxy.ts";
import type { Passed, TcpFault } from "./tcp-proxy.ts";
import { type Hits, isHit, isLasting } from "./wire-hits.ts";

/** A kind of fault, of which each run gets one of its own. */
export interface FaultRow {
  name: string;
  /** Draws one that meets a call which passes so much when nothing fails. */
  make(chance: Chance, reach: Passed): WireFault;
  /** Nothing is lost, so every operation has to succeed. */
  isHarmless?: boolean;
}

function tcp(name: string, kind: TcpFault["kind"], some: Partial<TcpFault> = {}, isHarmless = false): FaultRow {
  const make = (chance: Chance, reach: Passed): WireFault => {
    const drawn = {
      direction: chance.pick<TcpFault["direction"]>(["request", "answer"]),
      connections: hits(chance, reach.connections.length),
      ...some,
    };
    const lengths = reach.connections.filter((_, number) => isHit(drawn.connections, number));
    const bytes = Math.max(1, ...lengths.map((length) => length[drawn.direction]));
    // The chunks to be sliced are many, and each has so many bytes in slices.
    const atByte = kind === "slice" ? chance.between(1, 10_000) : cutWithin(chance, bytes);
    return { wire: "tcp", kind, atByte, ms: 0, ...drawn };
  };
  return { name, make, isHarmless };
}

/** Anywhere, also before the first byte, and often near the end: there the work is done and its proof is not there. */
function cutWithin(chance: Chance, bytes: number): number {
  const fromEnd = chance.between(1, Math.min(bytes, 600));
  return chance.pick([0, chance.between(0, bytes - 1), chance.below(bytes), bytes - fromEnd]);
}

/** All, or some of those that the call makes when nothing fails. */
function hits(chance: Chance, count: number): Hits {
  const from = chance.below(Math.max(1, count));
  return chance.pick<Hits>(["first", "all", { from }, { from, count: 1 }, { from, count: 2 }]);
}

function http(name: string, code: number, reason: string, some: Partial<HttpFault> = {}): FaultRow {
  const make = (chance: Chance, { requests }: Passed): WireFault => ({
    wire: "http",
    kind: "answer",
    code,
    reason,
    body: chance.pick(["status", "status", "page"]),
    requests: hits(chance, requests),
    ...some,
  });
  return { name, make };
}

/** Everything that can go wrong between the executable and the API server. */
export const FAULTS: FaultRow[] = [
  tcp("refused for ever", "refuse", { connections: "all" }),
  tcp("refused for 1 s", "refuse", { connections: "all", ms: 1_000 }),
  tcp("first connection reset", "reset", { connections: "first" }),
  tcp("every connection reset", "reset", { connections: "all" }),
  tcp("request cut by a reset", "reset", { direction: "request" }),
  tcp("answer cut by a reset", "reset", { direction: "answer" }),
  tcp("request cut by a close", "close", { direction: "request" }),
  tcp("answer cut by a close", "close", { direction: "answer" }),
  tcp("request goes silent", "silence", { direction: "request" }),
  tcp("answer goes silent", "silence", { direction: "answer" }),
  tcp("delay of 30 ms", "delay", { ms: 30, connections: "all" }, true),
  tcp("slices of a few bytes", "slice", { connections: "all" }, true),
  http("401", 401, "Unauthorized"),
  http("403", 403, "Forbidden"),
  http("404 as a page", 404, "Not Found", { body: "page" }),
  http("404 of a namespace", 404, "NotFound", { body: "status", ofKind: "namespaces" }),
  http("404 of a node", 404, "NotFound", { body: "status", ofKind: "nodes" }),
  http("409 AlreadyExists", 409, "AlreadyExists", { body: "status" }),
  http("409 Conflict", 409, "Conflict", { body: "status" }),
  http("410", 410, "Expired"),
  http("429, Retry-After 1", 429, "TooManyRequests", { retryAfterSeconds: 1 }),
  http("429, Retry-After 60", 429, "TooManyRequests", { retryAfterSeconds: 60 }),
  http("500", 500, "InternalError"),
  http("503", 503, "ServiceUnavailable"),
  http("504 after the work was done", 504, "Timeout", { kind: "after" }),
  http("502 page after the work was done", 502, "Bad Gateway", { kind: "after", body: "page" }),
  http("answer dropped after the work was done", 0, "", { kind: "drop" }),
];

/** Under it a call mostly waits: until it may be repeated, until it need not be any more, or for who is silent. */
export function isWaitedOut(fault: WireFault): boolean {
  if (fault.wire === "tcp")
    return (
      ["refuse", "silence"].includes(fault.kind) ||
      (["reset", "close"].includes(fault.kind) && isLasting(fault.connections))
    );
  const isRepeated = fault.kind === "drop" || fault.code === 429 || fault.code >= 500;
  return isRepeated && (isLasting(fault.requests) || fault.retryAfterSeconds !== undefined);
}
