import type { ChannelFormat } from '../core/signal/frame.js';
import { contentAt, type Message, placesIn } from './message.js';
import { quantityIn } from './quantity.js';

/** A channel and where its value stands in a message: keys and indices between dots, or the channel's name. */
export interface ChannelPlace extends ChannelFormat {
  readonly path: string | null;
}

/** Takes the values of channels out of messages. A value that suddenly bears another unit is no value. */
export class ChannelValues {
  /** What was wrong with the last message that held no number; null before there was one. */
  complaint: string | null = null;
  readonly #channels: readonly ChannelPlace[];
  /** The unit that each was first seen with; null before. */
  readonly #units: (string | null)[];

  constructor(channels: readonly ChannelPlace[]) {
    this.#channels = channels;
    this.#units = channels.map(() => null);
  }

  /** Puts the values of a message into `values`, NaN where one is missing; false where all of them are. */
  read({ content }: Message, values: Float32Array): boolean {
    let isUsable = false;
    for (let c = 0; c < this.#channels.length; c++) {
      const value = this.#value(content, c);
      values[c] = value;
      if (!Number.isNaN(value)) isUsable = true;
    }
    if (!isUsable) {
      const wanted = this.#channels.map(({ path, name }) => path ?? name).join(', ');
      this.complaint = `expected a number at ${wanted}, found ${placesIn(content)}`;
    }
    return isUsable;
  }

  #value(content: unknown, index: number): number {
    const { path, name } = this.#channels[index] as ChannelPlace;
    const place = { index, channels: this.#channels.length };
    const quantity = quantityIn(contentAt(content, path, name, place));
    if (quantity === null) return Number.NaN;
    const { value, unit } = quantity;
    if (unit === '') return value;
    this.#units[index] ??= unit;
    return this.#units[index] === unit ? value : Number.NaN;
  }
}
