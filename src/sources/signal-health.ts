import type { Frame } from '../core/signal/frame.js';
import { INT16_FULL_SCALE } from '../core/signal/pcm.js';

/** What is wrong with an audio signal that still arrives. */
export type SignalFault = 'all-zero' | 'clipped';

/** Audio that must be bad without a break before it counts, in seconds of the sample clock. */
const BAD_SECONDS = 60;
/** Good audio that ends a fault. */
const GOOD_SECONDS = 2;
/** A second with this share of samples at full scale is clipped: loud speech stays far below it. */
const CLIPPED_SHARE = 0.1;
/** 16-bit full scale, less the last step. */
const FULL_SCALE = (INT16_FULL_SCALE - 2) / INT16_FULL_SCALE;

/** Tells a muted or overdriven microphone from a quiet room, on the sample clock. */
export class SignalHealth {
  #fault: SignalFault | null = null;
  #suspect: SignalFault | null = null;
  #suspectSeconds = 0;
  #goodSeconds = 0;
  #samples = 0;
  #zeros = 0;
  #clipped = 0;

  /** The fault that stands. */
  get fault(): SignalFault | null {
    return this.#fault;
  }

  /** Takes a frame of mono audio; true when {@link fault} changed. */
  observe(frame: Frame): boolean {
    const before = this.#fault;
    for (const value of frame.data) {
      if (value === 0) this.#zeros += 1;
      else if (value >= FULL_SCALE || value <= -FULL_SCALE) this.#clipped += 1;
      this.#samples += 1;
      if (this.#samples >= frame.rateHz) this.#endSecond();
    }
    return this.#fault !== before;
  }

  #endSecond(): void {
    const found = this.#judgeSecond();
    this.#samples = 0;
    this.#zeros = 0;
    this.#clipped = 0;
    if (found === null) {
      this.#suspectSeconds = 0;
      this.#goodSeconds += 1;
      if (this.#goodSeconds >= GOOD_SECONDS) this.#fault = null;
      return;
    }
    this.#goodSeconds = 0;
    this.#suspectSeconds = found === this.#suspect ? this.#suspectSeconds + 1 : 1;
    this.#suspect = found;
    if (this.#suspectSeconds >= BAD_SECONDS) this.#fault = found;
  }

  #judgeSecond(): SignalFault | null {
    if (this.#zeros === this.#samples) return 'all-zero';
    return this.#clipped >= this.#samples * CLIPPED_SHARE ? 'clipped' : null;
  }
}
