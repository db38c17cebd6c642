import { INT16_FULL_SCALE } from '../core/signal/pcm.js';

/** What is wrong with audio that arrives. */
export type SignalFault = 'all-zero' | 'constant' | 'clipped' | 'offset' | 'hum' | 'quiet';

/** How a fault is told, and what to do about it. */
export interface ToldFault {
  readonly what: string;
  readonly remedy: string;
  /** Whether the mixer is where to do it. */
  readonly byMixer: boolean;
}

export const SIGNAL_FAULTS: Readonly<Record<SignalFault, ToldFault>> = {
  'all-zero': { what: 'all-zero audio', remedy: 'unmute it and raise its capture level', byMixer: true },
  constant: {
    what: 'audio that never moves',
    remedy: 'plug it in again; if it stays so, the card or its cable is broken',
    byMixer: false,
  },
  clipped: {
    what: 'clipped audio',
    remedy: 'lower its capture level and switch its boost off',
    byMixer: true,
  },
  offset: {
    what: 'a constant offset',
    remedy: 'try another port or card; no model hears it, but loud speech has less room',
    byMixer: false,
  },
  hum: {
    what: 'mains hum',
    remedy: 'try another cable, port or power supply, far from transformers',
    byMixer: false,
  },
  quiet: {
    what: 'audio too quiet to be understood',
    remedy: 'raise its capture level, switch its boost on, or go nearer',
    byMixer: true,
  },
};

/** A second with this share of samples at full scale is clipped: loud speech stays far below it. */
const CLIPPED_SHARE = 0.1;
/** 16-bit full scale, less the last step. */
const FULL_SCALE = (INT16_FULL_SCALE - 2) / INT16_FULL_SCALE;
/** An offset of this share of full scale leaves 0.4 dB less room; cards that are well have a fiftieth of it. */
const OFFSET = 0.05;
/** Hum of -40 dB re full scale, harmonics taken together: as loud as somebody who speaks far off. */
const HUM_POWER = 1e-4;
/** Mains of Europe and of America, and the harmonics that rectifiers make. */
const MAINS_HZ = [50, 60];
const HARMONICS = [1, 2, 3];
/** It is ten times what is so far beside each of them. */
const HUM_OVER_BESIDE = 10;
const BESIDE_HZ = 7;
/** Hum is looked for in the means of 2 ms. */
const MEANS_PER_SECOND = 500;
const BLOCKS_PER_SECOND = 50;

/** How one second was. */
export interface SecondFound {
  /** Null: nothing is wrong. Whether it is `quiet` tells no second alone. */
  readonly fault: Exclude<SignalFault, 'quiet'> | null;
  /** Power of the loudest and of the quietest 20 ms, re full scale. */
  readonly loudestPower: number;
  readonly quietestPower: number;
}

/** Measures mono audio by the second of its own clock. Allocates nothing between two seconds. */
export class SignalSecond {
  readonly #meanSamples: number;
  readonly #blockSamples: number;
  readonly #means = new Float64Array(MEANS_PER_SECOND);
  #samples = 0;
  #sum = 0;
  #clipped = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;
  #meanSum = 0;
  #blockPower = 0;
  #blockSum = 0;
  #loudestPower = 0;
  #quietestPower = Number.POSITIVE_INFINITY;

  constructor(readonly rateHz: number) {
    this.#meanSamples = Math.max(1, Math.floor(rateHz / MEANS_PER_SECOND));
    this.#blockSamples = Math.max(1, Math.floor(rateHz / BLOCKS_PER_SECOND));
  }

  /** Takes samples from `from` on, up to the end of a second; how many of them. */
  take(data: Float32Array, from: number): number {
    const count = Math.min(data.length - from, this.rateHz - this.#samples);
    for (let at = from; at < from + count; ) {
      const run = Math.min(
        from + count - at,
        this.#meanSamples - (this.#samples % this.#meanSamples),
        this.#blockSamples - (this.#samples % this.#blockSamples),
      );
      this.#add(data, at, at + run);
      at += run;
    }
    return count;
  }

  /** How the second was that is over; null where it is not. Begins the next. */
  ended(): SecondFound | null {
    if (this.#samples < this.rateHz) return null;
    const { fault } = this;
    const found = { fault, loudestPower: this.#loudestPower, quietestPower: this.#quietestPower };
    this.#samples = 0;
    this.#sum = 0;
    this.#clipped = 0;
    this.#least = Number.POSITIVE_INFINITY;
    this.#most = Number.NEGATIVE_INFINITY;
    this.#loudestPower = 0;
    this.#quietestPower = Number.POSITIVE_INFINITY;
    return found;
  }

  private get fault(): SecondFound['fault'] {
    if (this.#least === 0 && this.#most === 0) return 'all-zero';
    if (this.#clipped >= this.rateHz * CLIPPED_SHARE) return 'clipped';
    if (this.#least === this.#most) return 'constant';
    if (Math.abs(this.#sum / this.rateHz) >= OFFSET) return 'offset';
    return this.#hums() ? 'hum' : null;
  }

  /** Takes samples `[from, to)` that no mean or block ends within. */
  #add(data: Float32Array, from: number, to: number): void {
    let sum = 0;
    let power = 0;
    let least = this.#least;
    let most = this.#most;
    for (let i = from; i < to; i++) {
      const value = data[i] as number;
      sum += value;
      power += value * value;
      if (value < least) least = value;
      if (value > most) most = value;
      if (value >= FULL_SCALE || value <= -FULL_SCALE) this.#clipped += 1;
    }
    this.#least = least;
    this.#most = most;
    this.#sum += sum;
    this.#meanSum += sum;
    this.#blockSum += sum;
    this.#blockPower += power;
    this.#samples += to - from;
    if (this.#samples % this.#meanSamples === 0) this.#endMean();
    if (this.#samples % this.#blockSamples === 0) this.#endBlock();
  }

  #endMean(): void {
    this.#means[this.#samples / this.#meanSamples - 1] = this.#meanSum / this.#meanSamples;
    this.#meanSum = 0;
  }

  /** An offset is no sound. */
  #endBlock(): void {
    const mean = this.#blockSum / this.#blockSamples;
    const power = Math.max(0, this.#blockPower / this.#blockSamples - mean * mean);
    this.#blockSum = 0;
    this.#blockPower = 0;
    this.#loudestPower = Math.max(this.#loudestPower, power);
    this.#quietestPower = Math.min(this.#quietestPower, power);
  }

  /** Hum stands out of what is beside it; noise, however loud, does not for long. Too slow a signal has none in it. */
  #hums(): boolean {
    if (this.rateHz < MEANS_PER_SECOND) return false;
    return MAINS_HZ.some((hz) => {
      const power = this.#powerOf((harmonic) => hz * harmonic);
      return power >= HUM_POWER && power >= HUM_OVER_BESIDE * this.#powerOf((n) => hz * n + BESIDE_HZ);
    });
  }

  #powerOf(hzOf: (harmonic: number) => number): number {
    return HARMONICS.reduce((sum, harmonic) => sum + this.#powerAt(hzOf(harmonic)), 0);
  }

  /** Power of a tone in the means, by Goertzel's recurrence (1958), less what averaging over 2 ms takes from it. */
  #powerAt(hz: number): number {
    const turn = (2 * Math.PI * hz * this.#meanSamples) / this.rateHz;
    const twice = 2 * Math.cos(turn);
    let last = 0;
    let before = 0;
    for (const mean of this.#means) [last, before] = [mean + twice * last - before, last];
    const square = last * last + before * before - twice * last * before;
    const amplitude = (2 * Math.sqrt(Math.max(0, square))) / this.#means.length;
    return (amplitude / (Math.sin(turn / 2) / (turn / 2))) ** 2 / 2;
  }
}
