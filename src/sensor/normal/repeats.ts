/** Rows of the longest block that is found to repeat. */
const BLOCK_ROWS = 512;
/** Entries of the table that finds rows by their last three values. */
const PLACES = 512;

/**
 * Sees a channel repeat what it did: a logger that sends its buffer again, a recording that is played in place of the
 * sensor. A value of a real sensor has noise in it, and the same values do not come again in the same order.
 */
export class Repeats {
  /** Changes of the value that came as they did a block before, without one that did not. */
  changes = 0;
  readonly #values = new Float32Array(BLOCK_ROWS);
  /** The newest row at which three values came one after the other, by a hash of them. */
  readonly #places = new Int32Array(PLACES).fill(-BLOCK_ROWS);
  #rows = 0;
  /** Rows back to what is repeated; 0: nothing is. */
  #lag = 0;

  /** Takes the next value, which is there. */
  push(given: number): void {
    const value = Math.fround(given);
    const row = this.#rows;
    const before = this.#at(row - 1);
    if (this.#lag > 0 && this.#at(row - this.#lag) === value) this.changes += value === before ? 0 : 1;
    else {
      this.#lag = 0;
      this.changes = 0;
    }
    this.#values[row % BLOCK_ROWS] = value;
    this.#rows = row + 1;
    // Where nothing changes, nothing is repeated.
    if (row < 2 || value === before) return;
    const place = hashOf(value, before, this.#at(row - 2));
    const lag = row - (this.#places[place] as number);
    if (this.#lag === 0 && lag < BLOCK_ROWS) this.#lag = lag;
    this.#places[place] = row;
  }

  reset(): void {
    this.#rows = 0;
    this.#lag = 0;
    this.changes = 0;
    this.#places.fill(-BLOCK_ROWS);
  }

  #at(row: number): number {
    return this.#values[(row + BLOCK_ROWS) % BLOCK_ROWS] as number;
  }
}

const BITS = new Float32Array(3);
const WORDS = new Int32Array(BITS.buffer);

function hashOf(a: number, b: number, c: number): number {
  BITS[0] = a;
  BITS[1] = b;
  BITS[2] = c;
  let hash = 0;
  for (let i = 0; i < 3; i++) hash = Math.imul(hash ^ (WORDS[i] as number), 0x9e3779b1) ^ (hash >>> 15);
  return (hash >>> 8) % PLACES;
}

/** Most changes in a row that came as before, and changes in all; NaN in `raw` is passed over. */
export function repeatsIn(raw: Float64Array): { readonly longest: number; readonly changes: number } {
  const repeats = new Repeats();
  let longest = 0;
  let changes = 0;
  let last = Number.NaN;
  for (const value of raw) {
    if (Number.isNaN(value)) continue;
    repeats.push(value);
    if (repeats.changes > longest) longest = repeats.changes;
    if (value !== last) changes += 1;
    last = value;
  }
  return { longest, changes };
}
