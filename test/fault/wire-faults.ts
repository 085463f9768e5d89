import type { Chance } from "./chance.ts";
import type { WireFault } from "./cluster-access.ts";
import type { HttpFault } from "./http-proxy.ts";
import type { TcpFault } from "./tcp-proxy.ts";

/** A kind of fault, of which each run gets one of its own. */
export interface FaultRow {
  name: string;
  make(chance: Chance): WireFault;
  /** Nothing is lost, so every operation has to succeed. */
  isHarmless?: boolean;
  /** The operation mostly waits. */
  isSlow?: boolean;
}

/** The handshake is within the first 3 KiB each way, most answers within the next 8. */
const MOST_BYTES = 24_000;

function tcp(
  name: string,
  kind: TcpFault["kind"],
  some: Partial<TcpFault> = {},
  row: Partial<FaultRow> = {},
): FaultRow {
  const make = (chance: Chance): WireFault => ({
    wire: "tcp",
    kind,
    direction: chance.pick(["request", "answer"]),
    atByte: chance.pick([0, chance.between(1, MOST_BYTES), 2_000 + chance.below(8_000)]),
    connections: chance.pick(["first", "all"]),
    ms: 0,
    ...some,
  });
  return { name, make, ...row };
}

function http(name: string, code: number, reason: string, some: Partial<HttpFault> = {}, slow?: "slow"): FaultRow {
  const make = (chance: Chance): WireFault => ({
    wire: "http",
    kind: "answer",
    code,
    reason,
    body: chance.pick(["status", "status", "page"]),
    requests: chance.pick(["first", "second", "first two", "all"]),
    ...some,
  });
  return { name, make, ...(slow && { isSlow: true }) };
}

/** Everything that can go wrong between the executable and the API server. */
export const FAULTS: FaultRow[] = [
  tcp("refused for ever", "refuse", { connections: "all" }, { isSlow: true }),
  tcp("refused for 1 s", "refuse", { connections: "all", ms: 1_000 }),
  tcp("first connection reset", "reset", { connections: "first" }),
  tcp("every connection reset", "reset", { connections: "all" }, { isSlow: true }),
  tcp("request cut by a reset", "reset", { direction: "request" }),
  tcp("answer cut by a reset", "reset", { direction: "answer" }),
  tcp("request cut by a close", "close", { direction: "request" }),
  tcp("answer cut by a close", "close", { direction: "answer" }),
  tcp("request goes silent", "silence", { direction: "request" }, { isSlow: true }),
  tcp("answer goes silent", "silence", { direction: "answer" }, { isSlow: true }),
  tcp("delay of 30 ms", "delay", { ms: 30, connections: "all" }, { isHarmless: true }),
  tcp("slices of a few bytes", "slice", { connections: "all" }, { isHarmless: true }),
  http("401", 401, "Unauthorized"),
  http("409 AlreadyExists", 409, "AlreadyExists", { body: "status" }),
  http("409 Conflict", 409, "Conflict", { body: "status" }),
  http("410", 410, "Expired"),
  http("429, Retry-After 1", 429, "TooManyRequests", { retryAfterSeconds: 1 }),
  http("429, Retry-After 60", 429, "TooManyRequests", { retryAfterSeconds: 60 }),
  http("500", 500, "InternalError"),
  http("504 after the work was done", 504, "Timeout", { kind: "after" }),
  http("502 page after the work was done", 502, "Bad Gateway", { kind: "after", body: "page" }),
  http("answer dropped after the work was done", 0, "", { kind: "drop" }),
];
