import type { ChannelPlace } from '../channel-values.js';
import type { DayOrder } from '../times.js';

/** A channel, where its value stands in a message, and the topic of those messages; null: that of the source. */
export interface MqttChannel extends ChannelPlace {
  readonly topic: string | null;
}

export interface MqttOptions {
  readonly id: string;
  readonly url: string;
  /** Topic of the channels that name none; null where each names its own. */
  readonly topic: string | null;
  readonly username: string | null;
  /** Itself, or what is asked for it at every connection. */
  readonly password: string | (() => string) | null;
  /** Messages a second that are expected. */
  readonly rateHz: number;
  readonly channels: readonly MqttChannel[];
  /** Where the time of a message stands in it; `null`: messages have none. */
  readonly time: string | null;
  /** Seconds that a numeric time counts in; `null` tells them by their size. */
  readonly timeUnitSeconds: number | null;
  /** Which of day and month stands first in times as 03/05/2024; `null`: as the first day beyond the 12th shows. */
  readonly dayOrder: DayOrder | null;
  /** Zone of times that name none; `null`: UTC. */
  readonly timeZone: string | null;
  /** Rows that wait for a late cascade; beyond it the oldest are dropped. */
  readonly queueRows: number;
  /** Silence after which the topic counts as lost; `null` takes ten rows, and at least 5 s. */
  readonly silentMs: number | null;
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
}
