import type { Health } from '../core/events/health.js';
import { mean } from '../core/moments.js';

/** Seconds with sound in them that must be bad in a row before it counts, and good ones that end it. */
const BAD_SECONDS = 2;
const GOOD_SECONDS = 2;
/** Mixed channels that lose this much of their power (10 dB) cancel; those of strangers lose half. */
const CANCELLED_SHARE = 0.1;
/** Power below which a second says nothing: two steps of 16 bits. */
const SILENT_POWER = (2 / 32_768) ** 2;

/**
 * Looks at channels before they are mixed to one: sides in opposite phase cancel, and one that never moves only makes
 * the others quieter. Both are silent faults once mixed. Judged by the second of the sample clock.
 */
export class MixHealth {
  readonly #channels: readonly number[];
  readonly #rateHz: number;
  readonly #onHealth: (health: Health) => void;
  /** Of each channel, then of their mean. */
  readonly #sums: Float64Array;
  readonly #powers: Float64Array;
  #samples = 0;
  #fault: string | null = null;
  #badSeconds = 0;
  #goodSeconds = 0;

  /** @param channels those that are mixed */
  constructor(channels: readonly number[], rateHz: number, onHealth: (health: Health) => void) {
    this.#channels = channels;
    this.#rateHz = rateHz;
    this.#onHealth = onHealth;
    this.#sums = new Float64Array(channels.length + 1);
    this.#powers = new Float64Array(channels.length + 1);
  }

  /** Takes the sample that begins at `at` of interleaved channels, full scale 1 / `scale`. */
  sample(values: ArrayLike<number>, at: number, scale: number): void {
    const count = this.#channels.length;
    let mixed = 0;
    for (let i = 0; i < count; i++) {
      const value = (values[at + (this.#channels[i] as number)] as number) * scale;
      mixed += value;
      this.#add(i, value);
    }
    this.#add(count, mixed / count);
    this.#samples += 1;
    if (this.#samples >= this.#rateHz) this.#endSecond();
  }

  #add(i: number, value: number): void {
    (this.#sums[i] as number) += value;
    (this.#powers[i] as number) += value * value;
  }

  #endSecond(): void {
    const powers = Array.from(this.#powers, (power, i) => {
      const mean = (this.#sums[i] as number) / this.#samples;
      return Math.max(0, power / this.#samples - mean * mean);
    });
    this.#samples = 0;
    this.#sums.fill(0);
    this.#powers.fill(0);
    const mixed = powers.pop() as number;
    const sounding = powers.filter((power) => power > SILENT_POWER);
    if (sounding.length === 0) return;
    this.#judge(this.#faultOf(powers, mixed));
  }

  #faultOf(powers: readonly number[], mixed: number): string | null {
    const power = mean(powers);
    const dead = this.#channels.filter((_, i) => (powers[i] as number) <= SILENT_POWER / 100);
    const [better] = this.#channels.filter((channel) => !dead.includes(channel));
    if (dead.length > 0)
      return `channel ${dead.join(', ')} never moves; choose another: \`channel: ${better}\``;
    if (mixed >= power * CANCELLED_SHARE) return null;
    const channels = this.#channels.join(', ');
    return `channels ${channels} are in opposite phase and cancel; choose one: \`channel: ${better}\``;
  }

  #judge(found: string | null): void {
    this.#badSeconds = found === null ? 0 : this.#badSeconds + 1;
    this.#goodSeconds = found === null ? this.#goodSeconds + 1 : 0;
    if (found !== null && this.#badSeconds >= BAD_SECONDS && this.#fault === null) {
      this.#fault = found;
      this.#onHealth({ state: 'degraded', code: 'SOURCE_SILENT', detail: found });
    }
    if (found === null && this.#goodSeconds >= GOOD_SECONDS && this.#fault !== null) {
      this.#fault = null;
      this.#onHealth({ state: 'ok', code: 'OK', detail: 'the channels are well' });
    }
  }
}
