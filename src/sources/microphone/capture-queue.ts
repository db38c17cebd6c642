import type { GapReason } from '../../core/signal/frame.js';
import type { MixHealth } from '../mix-health.js';

/** Interleaved channels, and what becomes of them. */
export interface CaptureChannels {
  readonly channels: number;
  /** Those that are mixed to one, by their mean. */
  readonly chosen: readonly number[];
  /** Looks at them before; null where there is nothing to mix. */
  readonly health: MixHealth | null;
}

import { INT16_FULL_SCALE } from '../../core/signal/pcm.js';

/**
 * What {@link CaptureQueue.next} found: a hop was copied out, samples are missing here, nothing, or no more
 * to come.
 */
export type Taken =
  | { readonly kind: 'hop'; readonly samples: number }
  | { readonly kind: 'gap'; readonly lostSamples: number; readonly reason: GapReason }
  | { readonly kind: 'empty' }
  | { readonly kind: 'end' };

interface Mark {
  /** Counts samples written before the gap. */
  at: number;
  lostSamples: number;
  reason: GapReason;
}

const EMPTY: Taken = { kind: 'empty' };
const END: Taken = { kind: 'end' };
const MARKS_MAX = 256;

/**
 * Between a recorder that cannot wait and a cascade that sometimes must. Holds 16-bit mono samples; when full,
 * the oldest make room and the loss becomes a gap in front of what is left.
 *
 * ```
 *   write ─▶ [ gap 'dropped' | s s s s | gap 'overrun' | s s s ] ─▶ next
 * ```
 */
export class CaptureQueue {
  readonly #ring: Int16Array;
  readonly #hop: { kind: 'hop'; samples: number } = { kind: 'hop', samples: 0 };
  readonly #chosen: readonly number[];
  readonly #health: MixHealth | null;
  readonly #frame: Int16Array;
  readonly #bytes: Uint8Array;
  #frameBytes = 0;
  #written = 0;
  #read = 0;
  #marks: Mark[] = [];
  #ended = false;
  #wake: (() => void) | null = null;

  /** @param capacitySamples most samples held */
  constructor(capacitySamples: number, { channels, chosen, health }: CaptureChannels) {
    this.#ring = new Int16Array(capacitySamples);
    this.#chosen = chosen;
    this.#health = health;
    this.#frame = new Int16Array(channels);
    this.#bytes = new Uint8Array(this.#frame.buffer);
  }

  /** Samples written and not yet taken. */
  get waitingSamples(): number {
    return this.#written - this.#read;
  }

  /** Appends little-endian 16-bit PCM. A sample may be split over two calls at any byte. */
  write(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#bytes[this.#frameBytes] = byte;
      this.#frameBytes += 1;
      if (this.#frameBytes < this.#bytes.length) continue;
      this.#frameBytes = 0;
      this.#push(this.#mean());
    }
    this.#notify();
  }

  /** Notes that samples are missing after what was written so far. */
  gap(lostSamples: number, reason: GapReason): void {
    this.#mark({ at: this.#written, lostSamples, reason });
    this.#notify();
  }

  /** Nothing more will be written. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  /**
   * Takes the next hop into `out`, or the gap that comes before it. A hop is shorter than `out` only in front of
   * a gap or the end. The answer is reused: read it before the next call.
   */
  next(out: Float32Array): Taken {
    const mark = this.#marks[0];
    if (mark !== undefined && mark.at <= this.#read) {
      this.#marks.shift();
      return { kind: 'gap', lostSamples: mark.lostSamples, reason: mark.reason };
    }
    const edge = mark?.at ?? this.#written;
    const available = edge - this.#read;
    const whole = mark === undefined && !this.#ended;
    if (available === 0) return this.#ended && mark === undefined ? END : EMPTY;
    if (available < out.length && whole) return EMPTY;
    const samples = Math.min(available, out.length);
    for (let i = 0; i < samples; i += 1) {
      out[i] = (this.#ring[(this.#read + i) % this.#ring.length] ?? 0) / INT16_FULL_SCALE;
    }
    this.#read += samples;
    this.#hop.samples = samples;
    return this.#hop;
  }

  /** Resolves when something was written, noted or ended since the last {@link next}. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #push(value: number): void {
    if (this.#written - this.#read === this.#ring.length) this.#dropOldest();
    this.#ring[this.#written % this.#ring.length] = value;
    this.#written += 1;
  }

  #dropOldest(): void {
    const count = Math.min(this.#ring.length, Math.ceil(this.#ring.length / 8));
    this.#read += count;
    let lost = count;
    while (this.#marks[0] !== undefined && this.#marks[0].at <= this.#read) {
      lost += this.#marks.shift()?.lostSamples ?? 0;
    }
    this.#marks.unshift({ at: this.#read, lostSamples: lost, reason: 'dropped' });
  }

  #mark(mark: Mark): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && (last.at === mark.at || this.#marks.length >= MARKS_MAX)) {
      last.lostSamples += mark.lostSamples;
      return;
    }
    this.#marks.push(mark);
  }

  #mean(): number {
    this.#health?.sample(this.#frame, 0, 1 / 32_768);
    let sum = 0;
    for (const channel of this.#chosen) sum += this.#frame[channel] as number;
    return Math.round(sum / this.#chosen.length);
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
