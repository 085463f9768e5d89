/** Where output goes while it arrives. */
export interface Sink {
  /** Bytes at the end that are held back, because only they tell whether the rest was whole. */
  keepBytes: number;
  take(data: Uint8Array): void;
}

/** The output of one command: gathered, or handed on to a sink all but its end. */
export class Output {
  /** Bytes that have arrived. */
  bytes = 0;
  /** Bytes that the sink has got; what was handed on cannot be asked for again. */
  handedOn = 0;
  #chunks: Uint8Array[] = [];

  constructor(readonly sink: Sink | undefined) {}

  push(data: Uint8Array): void {
    this.bytes += data.length;
    this.#chunks.push(data);
    if (this.sink && this.bytes - this.handedOn > this.sink.keepBytes + data.length) this.#handOn(this.sink);
  }

  /** What arrived and was not handed on, in one piece. */
  rest(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  #handOn(sink: Sink): void {
    const all = this.rest();
    const end = all.length - sink.keepBytes;
    sink.take(all.subarray(0, end));
    this.handedOn += end;
    this.#chunks = [all.subarray(end)];
  }
}
