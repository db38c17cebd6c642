import { type Interval, perHour, wilson } from '../../core/intervals.js';

/** What tiny noticed once, and how sure each stage became of it. */
export interface Candidate {
  readonly label: string;
  /** Whether it was what it was taken for; null: nobody says. */
  readonly real: boolean | null;
  /** Confidence of the first stage. */
  readonly tiny: number;
  /** The highest confidence of the second in the same label; null where there is none, or it could not say. */
  readonly heavy: number | null;
  /** What it cost, where that was measured. */
  readonly spent?: Spent;
}

/** What a candidate cost. */
export interface Spent {
  /** Of waking the second stage for it. */
  readonly energyMj: number;
  /** From the last sample it rests on to its being believed or refused. */
  readonly latencyMs: number;
  /** What the cloud charged. */
  readonly money: number;
}

/** A stretch that was listened to, and what is known of it. */
export interface Listened {
  /** Voice and room, or day: what stretches share that are no independent draws. */
  readonly group: string;
  readonly seconds: number;
  /** Words said in it, each to be found once. */
  readonly said: readonly string[];
  readonly candidates: readonly Candidate[];
}

/** The thresholds that are chosen together: below the first nobody is woken, from the second on it is believed. */
export interface WakeThresholds {
  /** Tiny's `reject`. */
  readonly notice: number;
  /** Heavy's `accept`. */
  readonly accept: number;
}

/** What thresholds make of what was listened to. */
export interface Outcome {
  readonly words: number;
  readonly missed: number;
  readonly missedInterval: Interval;
  readonly hours: number;
  readonly falseAccepts: number;
  readonly falseAcceptsPerHour: number;
  readonly falseAcceptsInterval: Interval;
  /** Times the second stage was woken. */
  readonly wakeUps: number;
  readonly wakeUpsPerHour: number;
  /** Detections that are believed: each asks the cloud at most once. */
  readonly believed: number;
  /** Of waking the second stage. */
  readonly energyMj: number;
  /** What the cloud charged for what is believed. */
  readonly money: number;
  /** Of what is believed, how late 95% of it is at most; 0 where that was not measured. */
  readonly latencyP95Ms: number;
}

/** Thresholds with their outcome where they were chosen. */
export interface Point extends Outcome {
  readonly thresholds: WakeThresholds;
}

/** What of an outcome is counted; the rest follows. */
export type Counts = Omit<
  Outcome,
  'missedInterval' | 'falseAcceptsPerHour' | 'falseAcceptsInterval' | 'wakeUpsPerHour'
>;

/** An outcome of what was counted. */
export function withRates(counts: Counts): Outcome {
  const { words, missed, hours, falseAccepts, wakeUps } = counts;
  return {
    ...counts,
    missedInterval: wilson(missed, words),
    falseAcceptsPerHour: hours === 0 ? 0 : falseAccepts / hours,
    falseAcceptsInterval: perHour(falseAccepts, hours),
    wakeUpsPerHour: hours === 0 ? 0 : wakeUps / hours,
  };
}

/** Hours below which a count says nothing of an hour: one in half a minute is no 120 an hour. */
const LEAST_HOURS = 0.01;

/** Whether what is counted may be told as a rate an hour. */
export function tellsRates({ hours }: Pick<Outcome, 'hours'>): boolean {
  return hours >= LEAST_HOURS;
}

/** A threshold of the first stage, and what was heard with it. */
export interface Heard {
  readonly notice: number;
  readonly listened: readonly Listened[];
}

/** Adds the outcomes of parts that share no stretch. Of the latencies the worst part's stands. */
export function sumOfParts(parts: readonly Outcome[]): Outcome {
  const add = (of: (part: Outcome) => number) => parts.reduce((sum, part) => sum + of(part), 0);
  return withRates({
    words: add((part) => part.words),
    missed: add((part) => part.missed),
    hours: add((part) => part.hours),
    falseAccepts: add((part) => part.falseAccepts),
    wakeUps: add((part) => part.wakeUps),
    believed: add((part) => part.believed),
    energyMj: add((part) => part.energyMj),
    money: add((part) => part.money),
    latencyP95Ms: Math.max(0, ...parts.map((part) => part.latencyP95Ms)),
  });
}

/** Hours without a false accept that bound their rate by this, at 95% (the rule of three). */
export function hoursFor(mostPerHour: number): number {
  return -Math.log(0.05) / mostPerHour;
}
