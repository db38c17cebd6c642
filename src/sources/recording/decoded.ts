/** Bytes of a file as they come; a piece is overwritten by the next: copy to keep. */
export type Bytes = AsyncIterable<Uint8Array>;

/** Reads a byte stream in pieces of the length asked for; iterated, it gives what is left of it. */
export class ByteReader implements Bytes {
  readonly #bytes: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);

  constructor(bytes: Bytes) {
    this.#bytes = bytes[Symbol.asyncIterator]();
  }

  /** The next `length` bytes, fewer at the end of the stream; they stay in front. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#held.length < length) {
      const kept = this.#held.slice();
      const { value, done } = await this.#bytes.next();
      this.#held = done === true ? kept : concatenate(kept, value);
      if (done === true) break;
    }
    return this.#held.subarray(0, length);
  }

  /** The next `length` bytes, fewer at the end of the stream. */
  async take(length: number): Promise<Uint8Array> {
    const taken = await this.peek(length);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }

  /** Skips bytes without keeping them; the number skipped. */
  async skip(length: number): Promise<number> {
    let skipped = 0;
    while (skipped < length) {
      const piece = await this.some(length - skipped);
      if (piece.length === 0) break;
      skipped += piece.length;
    }
    return skipped;
  }

  /** Whatever comes next, at most `limit` bytes; empty at the end of the stream. */
  async some(limit: number): Promise<Uint8Array> {
    if (this.#held.length === 0) {
      const { value, done } = await this.#bytes.next();
      if (done === true) return new Uint8Array(0);
      this.#held = value;
    }
    const taken = this.#held.subarray(0, limit);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await this.some(Number.POSITIVE_INFINITY);
      if (piece.length === 0) return;
      yield piece;
    }
  }
}

/** Two pieces as one; after nothing, the second itself. */
export function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
