/** What a reader of requests tells. */
export interface RequestEvents {
  /** A request has begun; true when the fault happens to it. */
  isHit(): boolean;
  /** Bytes of the request as they came. */
  bytes(data: Buffer, isHit: boolean): void;
  /** The request is complete. One that upgrades the connection never is, unless it is hit. */
  end(isHit: boolean): void;
}

const HEAD_END = "\r\n\r\n";

/** Splits what a client sends on one HTTP/1.1 connection into requests, whose bodies have a length. */
export class RequestReader {
  #head = Buffer.alloc(0);
  #body: { left: number; isHit: boolean } | undefined;
  readonly #events: RequestEvents;

  constructor(events: RequestEvents) {
    this.#events = events;
  }

  push(data: Buffer): void {
    let rest: Buffer = data;
    while (rest.length > 0) rest = this.#body ? this.#takeBody(this.#body, rest) : this.#takeHead(rest);
  }

  #takeHead(data: Buffer): Buffer {
    const all = Buffer.concat([this.#head, data]);
    const at = all.indexOf(HEAD_END);
    if (at < 0) {
      this.#head = all;
      return Buffer.alloc(0);
    }
    const end = at + HEAD_END.length;
    const text = all.toString("latin1", 0, end);
    this.#head = Buffer.alloc(0);
    const isHit = this.#events.isHit();
    this.#events.bytes(all.subarray(0, end), isHit);
    const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
    const isUpgraded = !isHit && /^upgrade:/im.test(text);
    if (isUpgraded || length > 0) this.#body = { left: isUpgraded ? Number.POSITIVE_INFINITY : length, isHit };
    else this.#events.end(isHit);
    return all.subarray(end);
  }

  #takeBody(body: { left: number; isHit: boolean }, data: Buffer): Buffer {
    const part = data.subarray(0, body.left);
    body.left -= part.length;
    this.#events.bytes(part, body.isHit);
    if (body.left === 0) {
      this.#body = undefined;
      this.#events.end(body.isHit);
    }
    return data.subarray(part.length);
  }
}
