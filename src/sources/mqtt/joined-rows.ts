import { ChannelValues } from '../channel-values.js';
import type { Message } from '../message.js';
import type { MessageTimes } from '../message-times.js';
import type { MqttChannel, MqttOptions } from './options.js';

/** A row that was put together. */
export interface JoinedRow {
  readonly timeMs: number;
  readonly values: Float32Array;
}

interface Topic {
  readonly values: ChannelValues;
  /** Places of its channels in a row. */
  readonly at: readonly number[];
  readonly read: Float32Array;
}

/**
 * Puts messages of one or several topics together to rows. A row is whole when each topic has spoken, and ends when one
 * speaks again: values of the others are missing in it.
 */
export class JoinedRows {
  readonly #topics = new Map<string, Topic>();
  readonly #channels: number;
  readonly #times: MessageTimes;
  readonly #spoken = new Set<string>();
  #values: Float32Array;
  #timeMs = Number.NaN;
  #complaint: string | null = null;

  constructor(options: Pick<MqttOptions, 'topic' | 'channels'>, times: MessageTimes) {
    const { channels } = options;
    this.#times = times;
    this.#channels = channels.length;
    this.#values = new Float32Array(this.#channels).fill(Number.NaN);
    for (const topic of topicsOf(options)) {
      const at = channels.flatMap((channel, c) => (topicOf(channel, options.topic) === topic ? [c] : []));
      const places = at.map((c) => channels[c] as MqttChannel);
      this.#topics.set(topic, { values: new ChannelValues(places), at, read: new Float32Array(at.length) });
    }
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  /** What was wrong with the last message without a value. */
  get complaint(): string {
    return this.#complaint ?? 'nothing came yet';
  }

  /** Takes a message in; gives the rows that it ends. */
  *take(topic: string, message: Message): Generator<JoinedRow> {
    const known = this.#topics.get(topic);
    if (known === undefined) return;
    if (this.#spoken.has(topic)) yield this.#end();
    this.#spoken.add(topic);
    if (!known.values.read(message, known.read)) this.#complaint = `${topic}: ${known.values.complaint}`;
    known.at.forEach((c, i) => {
      this.#values[c] = known.read[i] as number;
    });
    if (Number.isNaN(this.#timeMs)) this.#timeMs = this.#times.msOf(message);
    if (this.#spoken.size === this.#topics.size) yield this.#end();
  }

  #end(): JoinedRow {
    const row = { timeMs: this.#timeMs, values: this.#values };
    this.#values = new Float32Array(this.#channels).fill(Number.NaN);
    this.#timeMs = Number.NaN;
    this.#spoken.clear();
    return row;
  }
}

/** The topics of a source, each once. */
export function topicsOf({ topic, channels }: Pick<MqttOptions, 'topic' | 'channels'>): readonly string[] {
  return [...new Set(channels.map((channel) => topicOf(channel, topic)))];
}

function topicOf(channel: MqttChannel, ofSource: string | null): string {
  return channel.topic ?? ofSource ?? '';
}
