/** Bytes that are looked at. */
const MOST_BYTES = 256;
/** Fewer say nothing. */
const FEWEST_BYTES = 8;
/** Text has hardly a byte that is none. */
const TEXT_SHARE = 0.95;

/** Tells text from the frames of a board, by the first bytes that come. */
export class TextHeard {
  /** Bytes that came. */
  bytes = 0;
  #start = Buffer.alloc(0);

  take(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.#start.length < MOST_BYTES)
      this.#start = Buffer.concat([this.#start, chunk]).subarray(0, MOST_BYTES);
  }

  reset(): void {
    this.bytes = 0;
    this.#start = Buffer.alloc(0);
  }

  /** A line of it, where it is text; else null. */
  get line(): string | null {
    if (this.#start.length < FEWEST_BYTES) return null;
    const isPrintable = (byte: number) =>
      (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13;
    const printable = this.#start.filter(isPrintable).length;
    if (printable < TEXT_SHARE * this.#start.length) return null;
    const [first = '', second] = this.#start.toString('latin1').split(/[\r\n]+/);
    // The first may be half a line.
    return second === undefined || second === '' ? first : second;
  }
}
