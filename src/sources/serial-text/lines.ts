/** A line of values is short; what is longer is none. */
const MAX_LINE_BYTES = 4096;
const NEWLINE = 10;

/** Cuts bytes into lines of text. What stands before the first line's end may be half a line: {@link isFirst}. */
export class Lines {
  /** Bytes since the last whole line. */
  pendingBytes = 0;
  #parts: Buffer[] = [];
  #count = 0;

  /** Whether the line given last is the first one. */
  get isFirst(): boolean {
    return this.#count === 1;
  }

  /** Gives the lines that a portion ends; null for one that is too long. */
  *take(chunk: Buffer): Generator<string | null> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end));
      from = end + 1;
      const line = this.#end();
      if (line !== '') yield line;
    }
    this.#keep(chunk.subarray(from));
  }

  #keep(part: Buffer): void {
    this.pendingBytes += part.length;
    if (this.pendingBytes <= MAX_LINE_BYTES) this.#parts.push(Buffer.from(part));
    else this.#parts = [];
  }

  #end(): string | null {
    const isLong = this.pendingBytes > MAX_LINE_BYTES;
    const line = isLong ? null : Buffer.concat(this.#parts).toString('utf8').trim();
    this.#parts = [];
    this.pendingBytes = 0;
    if (line !== '') this.#count += 1;
    return line;
  }
}
