import type { Frame } from '../core/signal/frame.js';
import { type SecondFound, type SignalFault, SignalSecond } from './signal-second.js';

/** Audio that must be bad without a break before it counts, in seconds of the sample clock. */
const BAD_SECONDS = 60;
/** Good audio that ends a fault. */
const GOOD_SECONDS = 2;
/** A second whose loudest 20 ms stand so far above its quietest (20 dB) has something like speech in it. */
const SPEECH_SWING = 100;
/** Where all of a minute of it stays below this (-60 dB re full scale), nobody can be understood. */
const QUIET_POWER = 1e-6;

/** Tells a microphone that is not well from a quiet room, on the sample clock. */
export class SignalHealth {
  #fault: SignalFault | null = null;
  #suspect: SignalFault | null = null;
  #suspectSeconds = 0;
  #goodSeconds = 0;
  #second: SignalSecond | null = null;
  #speechSeconds = 0;
  #loudestPower = 0;

  /** The fault that stands. */
  get fault(): SignalFault | null {
    return this.#fault;
  }

  /** Takes a frame of mono audio; true when {@link fault} changed. */
  observe({ data, rateHz }: Frame): boolean {
    const before = this.#fault;
    if (this.#second?.rateHz !== rateHz) this.#second = new SignalSecond(rateHz);
    for (let at = 0; at < data.length; ) {
      at += this.#second.take(data, at);
      const found = this.#second.ended();
      if (found !== null) this.#judge(found);
    }
    return this.#fault !== before;
  }

  #judge(found: SecondFound): void {
    const quiet = this.#isQuiet(found);
    const { fault } = found;
    if (fault === null) {
      this.#suspectSeconds = 0;
      this.#goodSeconds += 1;
      const ended = this.#fault === 'quiet' ? found.loudestPower >= QUIET_POWER : true;
      if (quiet) this.#fault = 'quiet';
      else if (ended && this.#goodSeconds >= GOOD_SECONDS) this.#fault = null;
      return;
    }
    this.#goodSeconds = 0;
    this.#suspectSeconds = fault === this.#suspect ? this.#suspectSeconds + 1 : 1;
    this.#suspect = fault;
    if (this.#suspectSeconds >= BAD_SECONDS) this.#fault = fault;
  }

  /** Whether a minute of something like speech is over, all of it too quiet. */
  #isQuiet({ loudestPower, quietestPower }: SecondFound): boolean {
    if (loudestPower < SPEECH_SWING * quietestPower || loudestPower === 0) return false;
    this.#speechSeconds += 1;
    this.#loudestPower = Math.max(this.#loudestPower, loudestPower);
    if (this.#speechSeconds < BAD_SECONDS) return false;
    const quiet = this.#loudestPower < QUIET_POWER;
    this.#speechSeconds = 0;
    this.#loudestPower = 0;
    return quiet;
  }
}
