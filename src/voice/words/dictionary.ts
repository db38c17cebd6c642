/**
 * A dictionary of pronunciations as one buffer: lines of a word, a tab and its phones in IPA, sorted by their bytes.
 * It is searched where it lies: as a map, its 135,000 words would take twenty times the memory.
 */
export class Dictionary {
  constructor(private readonly lines: Buffer) {}

  /** Every way a word is said, in the dictionary's order; none where it is not in it. */
  find(word: string): readonly string[] {
    const key = Buffer.from(`${word.toLowerCase()}\t`);
    const found: string[] = [];
    for (let at = this.#first(key); this.#startsWith(at, key); at = this.#next(at))
      found.push(this.lines.toString('utf8', at + key.length, this.#next(at) - 1));
    return found;
  }

  /** Every word and way of it, in the dictionary's order. */
  *entries(): Iterable<readonly [word: string, ipa: string]> {
    for (let at = 0; at < this.lines.length; at = this.#next(at)) {
      const tab = this.lines.indexOf('\t', at);
      yield [this.lines.toString('utf8', at, tab), this.lines.toString('utf8', tab + 1, this.#next(at) - 1)];
    }
  }

  /** Where the first line begins that is not before `key`. */
  #first(key: Buffer): number {
    let low = 0;
    let high = this.lines.length;
    while (low < high) {
      const middle = this.#lineAt((low + high) >> 1);
      if (this.lines.compare(key, 0, key.length, middle, this.#next(middle)) < 0) low = this.#next(middle);
      else high = middle;
    }
    return low;
  }

  #lineAt(offset: number): number {
    return offset === 0 ? 0 : this.lines.lastIndexOf('\n', offset - 1) + 1;
  }

  #next(line: number): number {
    const end = this.lines.indexOf('\n', line);
    return end === -1 ? this.lines.length : end + 1;
  }

  #startsWith(line: number, key: Buffer): boolean {
    return this.lines.compare(key, 0, key.length, line, Math.min(this.lines.length, line + key.length)) === 0;
  }
}
