import type { EventOf } from '../../core/events/events.js';

const DAY_MS = 86_400_000;
/** Detections of a source that a label may still be told of; of those before them the estimate stands. */
const OPEN_MAX = 1000;

/** What answers cost since midnight. */
export class CostToday {
  #day = -1;
  #money = 0;

  take({ cost, measured }: EventOf<'verdict'>): void {
    const day = dayOf(Date.parse(measured?.wallTime ?? ''));
    if (day !== this.#day) [this.#day, this.#money] = [day, 0];
    this.#money += cost.money;
  }

  at(wallMs: number): number {
    return this.#day === dayOf(wallMs) ? this.#money : 0;
  }
}

/**
 * How many of the detections that a source believed since midnight were for nothing: one that somebody called right or
 * wrong counts 0 or 1, any other by what its confidence leaves to be doubted, for that is calibrated.
 */
export class FalseAlarmsToday {
  #day = -1;
  /** Of those that no label can be told of any more. */
  #settled = 0;
  readonly #open = new Map<string, number>();

  believed({ trail, detection, measured }: EventOf<'verified'>): void {
    if (measured === null) return;
    const day = dayOf(Date.parse(measured.wallTime));
    if (day !== this.#day) this.#begin(day);
    const last = trail.findLast((entry) => entry.kind !== 'abstain');
    const doubt = last === undefined ? 0 : 1 - last.confidence;
    this.#open.set(`${measured.run}/${detection}`, Number.isFinite(doubt) ? doubt : 1);
    const [oldest] = this.#open;
    if (this.#open.size <= OPEN_MAX || oldest === undefined) return;
    this.#open.delete(oldest[0]);
    this.#settled += oldest[1];
  }

  labelled({ detection, verdict }: EventOf<'label'>): void {
    if (this.#open.has(detection)) this.#open.set(detection, verdict === 'wrong' ? 1 : 0);
  }

  at(wallMs: number): number {
    if (this.#day !== dayOf(wallMs)) return 0;
    let sum = this.#settled;
    for (const doubt of this.#open.values()) sum += doubt;
    return sum;
  }

  #begin(day: number): void {
    this.#day = day;
    this.#settled = 0;
    this.#open.clear();
  }
}

/** Days since 1970 of the device's own days. */
function dayOf(wallMs: number): number {
  return Math.floor((wallMs - new Date(wallMs).getTimezoneOffset() * 60_000) / DAY_MS);
}
