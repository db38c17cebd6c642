/** A table of a FlatBuffer, as the position where it stands. */
export type Table = number;

/** The elements of a vector: where the vector's length stands, and where the first of `length` elements does. */
interface Vector {
  readonly lengthAt: number;
  readonly at: number;
  readonly length: number;
}

const NONE: Vector = { lengthAt: 0, at: 0, length: 0 };
const WORD_BYTES = 4;

/**
 * Reads a FlatBuffer (its "internals" document), and changes what it can without moving anything: a vector of tables
 * may lose some, and one of numbers be replaced by another at the end. Each method throws `RangeError` for what
 * points outside of the bytes.
 */
export class FlatTables {
  #view: DataView;
  #bytes: Uint8Array;

  /** @param bytes copied. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Uint8Array.from(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get root(): Table {
    return this.#view.getUint32(0, true);
  }

  /** A whole number of 1 or 4 bytes; 0 where the table has none. */
  number(table: Table, field: number, bytes: 1 | 4 = WORD_BYTES): number {
    const at = this.#field(table, field);
    if (at === 0) return 0;
    return bytes === 1 ? this.#view.getInt8(at) : this.#view.getInt32(at, true);
  }

  /** A table that another refers to; null where there is none. */
  table(table: Table, field: number): Table | null {
    const at = this.#field(table, field);
    return at === 0 ? null : this.#referred(at);
  }

  text(table: Table, field: number): string {
    return new TextDecoder().decode(this.octets(table, field));
  }

  /** The bytes of a vector or text; a view. */
  octets(table: Table, field: number): Uint8Array {
    const { at, length } = this.#vector(table, field);
    if (at + length > this.#bytes.length) throw new RangeError('a vector longer than the bytes');
    return this.#bytes.subarray(at, at + length);
  }

  /** Whole numbers of 32 bits. */
  numbers(table: Table, field: number): readonly number[] {
    const { at, length } = this.#vector(table, field);
    return Array.from({ length }, (_, i) => this.#view.getInt32(at + WORD_BYTES * i, true));
  }

  /** Whole numbers of 64 bits. */
  longs(table: Table, field: number): readonly bigint[] {
    const { at, length } = this.#vector(table, field);
    return Array.from({ length }, (_, i) => this.#view.getBigInt64(at + 2 * WORD_BYTES * i, true));
  }

  tables(table: Table, field: number): readonly Table[] {
    const { at, length } = this.#vector(table, field);
    return Array.from({ length }, (_, i) => this.#referred(at + WORD_BYTES * i));
  }

  /** Leaves of a vector of tables those named, in the order they are in. */
  keepTables(table: Table, field: number, kept: readonly Table[]): void {
    const { at, lengthAt } = this.#vector(table, field);
    for (const [i, each] of kept.entries())
      this.#view.setUint32(at + WORD_BYTES * i, each - (at + WORD_BYTES * i), true);
    this.#view.setUint32(lengthAt, kept.length, true);
  }

  /** Puts other numbers of 32 bits into the place of a vector that the table has. */
  replaceNumbers(table: Table, field: number, numbers: readonly number[]): void {
    const referrer = this.#field(table, field);
    const at = Math.ceil(this.#bytes.length / WORD_BYTES) * WORD_BYTES;
    const grown = new Uint8Array(at + WORD_BYTES * (1 + numbers.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
    this.#view.setUint32(referrer, at - referrer, true);
    for (const [i, each] of [numbers.length, ...numbers].entries())
      this.#view.setInt32(at + WORD_BYTES * i, each, true);
  }

  /** Where a field stands; 0 where the table leaves it out. */
  #field(table: Table, field: number): number {
    const layout = table - this.#view.getInt32(table, true);
    const place = 4 + 2 * field;
    if (place >= this.#view.getUint16(layout, true)) return 0;
    const offset = this.#view.getUint16(layout + place, true);
    return offset === 0 ? 0 : table + offset;
  }

  #vector(table: Table, field: number): Vector {
    const at = this.#field(table, field);
    if (at === 0) return NONE;
    const lengthAt = this.#referred(at);
    const length = this.#view.getUint32(lengthAt, true);
    if (length > this.#bytes.length) throw new RangeError('a vector longer than the bytes');
    return { lengthAt, at: lengthAt + WORD_BYTES, length };
  }

  #referred(at: number): number {
    return at + this.#view.getUint32(at, true);
  }
}
