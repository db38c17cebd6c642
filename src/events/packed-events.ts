import type { CascadeEvent } from '../core/events/events.js';

const FIRST_BYTES = 4096;

/**
 * The newest events as the bytes of their JSON, in memory that is used over and over:
 *
 * ```
 *   bytes   [ event 7 | event 8 | free | event 5 | event 6 ]      the next one overwrites event 5
 * ```
 *
 * Kept as objects, events grow old before they are let go, and fill V8's old generation with what only a full
 * collection finds.
 */
export class PackedEvents {
  #bytes = Buffer.alloc(0);
  /** Where each event begins and ends, by its number modulo `maxEvents`. */
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #maxEvents: number;
  #first = 0;
  #next = 0;

  /** @param maxEvents events kept; the oldest go first */
  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
    this.#starts = new Uint32Array(maxEvents);
    this.#ends = new Uint32Array(maxEvents);
  }

  get length(): number {
    return this.#next - this.#first;
  }

  /** Takes an event; false when one, the oldest, had to go for it. */
  push(event: CascadeEvent): boolean {
    if (this.#maxEvents === 0) return false;
    const hadRoom = this.length < this.#maxEvents;
    if (!hadRoom) this.#first += 1;
    const text = JSON.stringify(event);
    const length = Buffer.byteLength(text);
    const start = this.#roomFor(length);
    this.#bytes.write(text, start);
    this.#place(this.#next, start, length);
    this.#next += 1;
    return hadRoom;
  }

  /** JSON of each event, oldest first. */
  *texts(): Generator<string> {
    for (let event = this.#first; event < this.#next; event++) yield this.#text(event);
  }

  /** JSON of at most `count` events, oldest first, which are not held any more. */
  take(count: number): string[] {
    const end = Math.min(this.#next, this.#first + count);
    const taken: string[] = [];
    for (; this.#first < end; this.#first++) taken.push(this.#text(this.#first));
    return taken;
  }

  /** Where `length` bytes in a row are free. */
  #roomFor(length: number): number {
    if (this.length > 0) {
      const oldest = this.#start(this.#first);
      const free = this.#end(this.#next - 1);
      const end = free > oldest ? this.#bytes.length : oldest;
      if (end - free >= length) return free;
      if (free > oldest && oldest >= length) return 0;
    } else if (this.#bytes.length >= length) return 0;
    return this.#grow(length);
  }

  /** Moves what is held, in order, to a buffer that has room for `length` bytes more; where that room begins. */
  #grow(length: number): number {
    const before = this.#bytes;
    const bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * before.length, before.length + length));
    let free = 0;
    for (let event = this.#first; event < this.#next; event++) {
      const moved = before.copy(bytes, free, this.#start(event), this.#end(event));
      this.#place(event, free, moved);
      free += moved;
    }
    this.#bytes = bytes;
    return free;
  }

  #text(event: number): string {
    return this.#bytes.toString('utf8', this.#start(event), this.#end(event));
  }

  #place(event: number, start: number, length: number): void {
    this.#starts[event % this.#maxEvents] = start;
    this.#ends[event % this.#maxEvents] = start + length;
  }

  #start(event: number): number {
    return this.#starts[event % this.#maxEvents] as number;
  }

  #end(event: number): number {
    return this.#ends[event % this.#maxEvents] as number;
  }
}
