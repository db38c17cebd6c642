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
    const frameBytes = this.#bytes.length;
    let at = 0;
    if (this.#frameBytes > 0) at = this.#fill(bytes.subarray(0, frameBytes - this.#frameBytes));
    const wholeFrames = Math.floor((bytes.length - at) / frameBytes);
    this.#pushFrames(new DataView(bytes.buffer, bytes.byteOffset + at), wholeFrames);
    at += wholeFrames * frameBytes;
    if (at < bytes.length) this.#fill(bytes.subarray(at));
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
    const ring = this.#ring;
    let place = this.#read % ring.length;
    for (let i = 0; i < samples; i += 1) {
      out[i] = (ring[place] as number) / INT16_FULL_SCALE;
      place += 1;
      if (place === ring.length) place = 0;
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

  /** Takes bytes of a frame that is split; how many. */
  #fill(bytes: Uint8Array): number {
    this.#bytes.set(bytes, this.#frameBytes);
    this.#frameBytes += bytes.length;
    if (this.#frameBytes === this.#bytes.length) {
      this.#frameBytes = 0;
      this.#pushFrames(new DataView(this.#bytes.buffer), 1);
    }
    return bytes.length;
  }

  #pushFrames(view: DataView, count: number): void {
    const [ring, frame, chosen, health] = [this.#ring, this.#frame, this.#chosen, this.#health];
    const [channels, mixed] = [frame.length, chosen.length];
    let written = this.#written;
    let place = written % ring.length;
    for (let i = 0; i < count; i += 1) {
      for (let c = 0; c < channels; c += 1) frame[c] = view.getInt16(2 * (i * channels + c), true);
      health?.sample(frame, 0, 1 / INT16_FULL_SCALE);
      let sum = 0;
      for (let c = 0; c < mixed; c += 1) sum += frame[chosen[c] as number] as number;
      if (written - this.#read === ring.length) this.#dropOldest();
      ring[place] = Math.round(sum / mixed);
      place = place + 1 === ring.length ? 0 : place + 1;
      written += 1;
    }
    this.#written = written;
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

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
