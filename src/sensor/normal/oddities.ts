import type { News } from '../../core/events/health.js';
import type { ChannelFormat } from '../../core/signal/frame.js';
import { type BlocksState, Drift, tellDrift } from './drift.js';
import type { ChannelKind } from './kinds.js';
import type { Pace } from './pace.js';
import type { Limits } from './plain.js';

/**
 * What is odd about channels without being an alarm, told as health: levels that drift, noise that is gone, and
 * channels that have not begun.
 */
export class Oddities {
  #drifts: readonly Drift[];
  readonly #quiet: Uint8Array;
  /** Channels of which no value came yet; null: not looked at. */
  #late: Set<number> | null = null;
  /** Whether drifts, and noise that is gone, were told and hold. */
  #isDriftTold = false;
  #isQuietTold = false;

  constructor(
    readonly channels: readonly ChannelFormat[],
    readonly limits: readonly Limits[],
    readonly pace: Pick<Pace, 'rowSeconds' | 'rowsPerDay'>,
  ) {
    this.#drifts = this.#fresh();
    this.#quiet = new Uint8Array(channels.length);
  }

  /** How levels drift, of each channel and length of blocks, to go on with after a restart. */
  get drifts(): readonly (readonly BlocksState[])[] {
    return this.#drifts.map(({ state }) => state);
  }

  /** Goes on with drifts as they were. */
  restore(drifts: readonly (readonly BlocksState[])[]): void {
    drifts.forEach((known, c) => void this.#drifts[c]?.restore(known));
    this.#isDriftTold = this.#isDrifting();
  }

  reset(): void {
    this.#drifts = this.#fresh();
    this.#quiet.fill(0);
    this.#late = null;
    this.#isDriftTold = false;
    this.#isQuietTold = false;
  }

  /**
   * Takes a row; what is to be told.
   * @param kinds what each channel is: only the level of a measure can drift
   * @param isQuiet whether each channel's noise is gone
   * @param channels whether a value of each has ever come
   */
  push(
    row: ArrayLike<number>,
    kinds: readonly ChannelKind[],
    isQuiet: ArrayLike<number>,
    channels: readonly { readonly hasBegun: boolean }[],
  ): readonly News[] {
    let news = this.#beginnings(channels);
    for (let c = 0; c < this.channels.length; c++) {
      const drift = this.#drift(c, row[c] as number, kinds);
      if (drift !== null) news = [...news, drift];
      const rest = this.#rest(c, isQuiet[c] === 1);
      if (rest !== null) news = [...news, rest];
    }
    if (this.#isDriftTold && !this.#isDrifting()) {
      this.#isDriftTold = false;
      news = [...news, { ...DRIFT, state: 'ok', code: 'OK', detail: 'no channel drifts any more' }];
    }
    if (this.#isQuietTold && !this.#quiet.includes(1)) {
      this.#isQuietTold = false;
      news = [...news, { ...NOISE, state: 'ok', code: 'OK', detail: 'every channel has its noise again' }];
    }
    return news;
  }

  #beginnings(channels: readonly { readonly hasBegun: boolean }[]): readonly News[] {
    const isFirst = this.#late === null;
    this.#late ??= new Set(channels.flatMap(({ hasBegun }, c) => (hasBegun ? [] : [c])));
    if (this.#late.size === 0) return NONE;
    if (isFirst) {
      const detail = `no value came yet of ${this.#named(this.#late)}; watched from its first value on`;
      return [{ ...CHANNELS, state: 'degraded', code: 'SOURCE_SILENT', detail }];
    }
    const begun = [...this.#late].filter((c) => channels[c]?.hasBegun === true);
    if (begun.length === 0) return NONE;
    for (const c of begun) this.#late.delete(c);
    const detail = `${this.#named(begun)} has begun, and is watched`;
    if (this.#late.size === 0) return [{ ...CHANNELS, state: 'ok', code: 'OK', detail }];
    const still = `${detail}; no value came yet of ${this.#named(this.#late)}`;
    return [{ ...CHANNELS, state: 'degraded', code: 'SOURCE_SILENT', detail: still }];
  }

  #named(channels: Iterable<number>): string {
    return [...channels].map((c) => this.channels[c]?.name).join(', ');
  }

  #drift(c: number, value: number, kinds: readonly ChannelKind[]): News | null {
    const found = kinds[c] === 'measure' ? (this.#drifts[c] as Drift).push(value) : null;
    if (found === null) return null;
    const title = this.channels[c] as ChannelFormat;
    const detail = tellDrift(found, title, this.limits[c] as Limits, this.pace.rowSeconds);
    this.#isDriftTold = true;
    return { ...DRIFT, state: 'degraded', code: 'DRIFT', detail };
  }

  #rest(c: number, isQuiet: boolean): News | null {
    const wasQuiet = this.#quiet[c] === 1;
    this.#quiet[c] = isQuiet ? 1 : 0;
    if (!isQuiet || wasQuiet) return null;
    const { name } = this.channels[c] as ChannelFormat;
    const detail = `${name}: its noise is gone: from row to row it moves by less than a quarter of the least that is usual; it rests, or its sensor no longer measures`;
    this.#isQuietTold = true;
    return { ...NOISE, state: 'degraded', code: 'SOURCE_SILENT', detail };
  }

  #isDrifting(): boolean {
    return this.#drifts.some(({ isDrifting }) => isDrifting);
  }

  #fresh(): readonly Drift[] {
    return this.channels.map(() => new Drift(this.pace.rowsPerDay));
  }
}

const NONE: readonly News[] = [];
const CHANNELS = { condition: 'channels' } as const;
const DRIFT = { condition: 'drift' } as const;
const NOISE = { condition: 'noise' } as const;
