import { type EventOf, wholeDetectionOf } from '../../core/events/events.js';

const DAY_MS = 86_400_000;
/** How many of a source's newest detections a label may still correct; older ones stay as they were estimated. */
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
  /** Sum over those that are too old for a label to correct. */
  #settled = 0;
  readonly #open = new Map<string, number>();

  believed(event: EventOf<'verified'>): void {
    const { trail, measured } = event;
    const detection = wholeDetectionOf(event);
    if (measured === null || detection === null) return;
    const day = dayOf(Date.parse(measured.wallTime));
    if (day !== this.#day) this.#begin(day);
    const last = trail.findLast((entry) => entry.kind !== 'abstain');
    const doubt = last === undefined ? 0 : 1 - last.confidence;
    this.#open.set(detection, Number.isFinite(doubt) ? doubt : 1);
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

/** Which day a moment is on, counted from 1970, by the device's own time zone. */
function dayOf(wallMs: number): number {
  return Math.floor((wallMs - new Date(wallMs).getTimezoneOffset() * 60_000) / DAY_MS);
}
