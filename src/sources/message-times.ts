import type { Health } from '../core/events/health.js';
import type { LocalTimes } from '../core/time-zone.js';
import { contentAt, type Message } from './message.js';
import { ambiguousDay, type DayOrder, localOf, numericTimeMs, orderShown, timeMsOf } from './times.js';
import { UsableRows } from './usable-rows.js';

/** The last that a date can be, on either side of the epoch. */
const LATEST_MS = 8.64e15;

export interface MessageTimeOptions {
  readonly rateHz: number;
  /** Where the time of a message stands in it; null: messages have none but what their kind says. */
  readonly time: string | null;
  /** Seconds that a numeric time counts in; null tells them by their size. */
  readonly timeUnitSeconds: number | null;
  /** Which of day and month stands first in times as 03/05/2024; null: as the first day beyond the 12th shows. */
  readonly dayOrder: DayOrder | null;
  /** Zone of times that name none; null: UTC. */
  readonly timeZone: string | null;
}

/** What a time was taken for, or why it could not be read, in words. */
export interface TimeReading {
  readonly isRead: boolean;
  readonly detail: string;
}

/** Reads when messages say they were sent, and tells where a time that was named cannot be read. */
export class MessageTimes {
  readonly #options: MessageTimeOptions;
  readonly #usable: UsableRows;
  #last: { readonly time: string; readonly said: unknown; readonly ms: number } | null = null;
  #dayOrder: DayOrder | null;
  readonly #local: LocalTimes | null;

  constructor(options: MessageTimeOptions, onHealth: (health: Health) => void) {
    this.#options = options;
    this.#dayOrder = options.dayOrder;
    this.#local = localOf(options.timeZone);
    this.#usable = new UsableRows(options.rateHz, onHealth, 'time');
  }

  /** What the last time was taken for; null where messages have none. */
  get last(): TimeReading | null {
    if (this.#last === null) return null;
    const { time, said, ms } = this.#last;
    const isRead = !Number.isNaN(ms);
    return { isRead, detail: isRead ? this.#taken(time, said, ms) : this.#complaint(time, said) };
  }

  /** Milliseconds since the epoch, or since whatever it counts from; NaN where it cannot be read. */
  msOf({ content, timeMs }: Message): number {
    const { time } = this.#options;
    if (time === null) return timeMs;
    const said = contentAt(content, time, time, { index: 0, channels: 1 });
    const ms = this.#read(said);
    this.#usable.take(!Number.isNaN(ms), () => this.#complaint(time, said));
    this.#last = { time, said, ms };
    return ms;
  }

  #read(said: unknown): number {
    const { timeUnitSeconds } = this.#options;
    if (typeof said === 'number') return numericTimeMs(said, timeUnitSeconds);
    if (typeof said !== 'string') return Number.NaN;
    const day = ambiguousDay(said);
    if (day !== null) this.#dayOrder ??= orderShown(day);
    if (day !== null && this.#dayOrder === null) return Number.NaN;
    const dayOrder = this.#dayOrder ?? 'dmy';
    return timeMsOf(said, { unitSeconds: timeUnitSeconds, dayOrder, local: this.#local });
  }

  #taken(time: string, said: unknown, ms: number): string {
    const when = Math.abs(ms) <= LATEST_MS ? new Date(ms).toISOString() : `${ms} ms`;
    const isOpen = typeof said === 'string' && ambiguousDay(said) !== null;
    const order = isOpen ? `, ${this.#dayOrder === 'mdy' ? 'month' : 'day'} first` : '';
    return `${time} ${JSON.stringify(said)} is ${when}${order}`;
  }

  #complaint(time: string, said: unknown): string {
    const found = said === undefined ? 'nothing' : `"${String(said).slice(0, 40)}"`;
    if (typeof said === 'string' && ambiguousDay(said) !== null && this.#dayOrder === null)
      return `expected a time at ${time} that tells day from month, found ${found}; set "dayOrder" to dmy or mdy`;
    return `expected a time at ${time}, found ${found}; rows that are missing cannot be counted`;
  }
}
