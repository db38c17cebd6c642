import { type Interval, perHour, wilson } from '../../core/intervals.js';
import { quantile } from '../../core/quantile.js';

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

/** Counts what the thresholds would have done. A stretch that is heard has `notice` as its lower end. */
export function outcomeOf(listened: readonly Listened[], { accept, notice }: WakeThresholds): Outcome {
  return outcome(tallyOf(listened, notice, accept));
}

interface Tally {
  words: number;
  missed: number;
  seconds: number;
  falseAccepts: number;
  wakeUps: number;
  believed: number;
  energyMj: number;
  money: number;
  readonly latenciesMs: number[];
}

function tallyOf(listened: readonly Listened[], notice: number, accept: number): Tally {
  const tally: Tally = {
    words: 0,
    missed: 0,
    seconds: 0,
    falseAccepts: 0,
    wakeUps: 0,
    believed: 0,
    energyMj: 0,
    money: 0,
    latenciesMs: [],
  };
  for (const { seconds, said, candidates } of listened) {
    tally.seconds += seconds;
    tally.words += said.length;
    const woken = candidates.filter(({ tiny }) => tiny >= notice);
    const believed = woken.filter(({ tiny, heavy }) => (heavy ?? tiny) >= accept);
    const found = new Set(believed.filter(({ real }) => real === true).map(({ label }) => label));
    tally.missed += said.filter((word) => !found.has(word)).length;
    tally.falseAccepts += believed.filter(({ real }) => real === false).length;
    tally.wakeUps += woken.length;
    tally.believed += believed.length;
    for (const { spent } of woken) tally.energyMj += spent?.energyMj ?? 0;
    for (const { spent } of believed) {
      tally.money += spent?.money ?? 0;
      if (spent !== undefined) tally.latenciesMs.push(spent.latencyMs);
    }
  }
  return tally;
}

function outcome(tally: Tally): Outcome {
  const { seconds, latenciesMs, ...counts } = tally;
  return withRates({
    ...counts,
    hours: seconds / 3600,
    latencyP95Ms: latenciesMs.length === 0 ? 0 : quantile(latenciesMs, 0.95),
  });
}

/** What of an outcome is counted; the rest follows. */
type Counts = Omit<
  Outcome,
  'missedInterval' | 'falseAcceptsPerHour' | 'falseAcceptsInterval' | 'wakeUpsPerHour'
>;

function withRates(counts: Counts): Outcome {
  const { words, missed, hours, falseAccepts, wakeUps } = counts;
  return {
    ...counts,
    missedInterval: wilson(missed, words),
    falseAcceptsPerHour: hours === 0 ? 0 : falseAccepts / hours,
    falseAcceptsInterval: perHour(falseAccepts, hours),
    wakeUpsPerHour: hours === 0 ? 0 : wakeUps / hours,
  };
}

/** Confidences nearer than this are one threshold. */
const STEP = 0.001;

/** Thresholds between which outcomes differ, in steps of a thousandth. */
function acceptsOf(listened: readonly Listened[]): readonly number[] {
  const confidences = listened.flatMap(({ candidates }) =>
    candidates.map(({ heavy, tiny }) => heavy ?? tiny),
  );
  const steps = confidences.flatMap((value) => [Math.floor(value / STEP), Math.floor(value / STEP) + 1]);
  return [...new Set(steps)]
    .sort((a, b) => a - b)
    .map((step) => Number((step * STEP).toFixed(3)))
    .filter((value) => value > 0 && value <= 1);
}

/** A threshold of the first stage, and what was heard with it. */
export interface Heard {
  readonly notice: number;
  readonly listened: readonly Listened[];
}

/**
 * The front: of all pairs of thresholds those for which no other misses fewer at no more false accepts, from the one
 * that misses least to the one that accepts least. Of thresholds with the same outcome the middle one stands, which
 * is the farthest from what would change it.
 *
 * @param heard the same stretches, heard with one or several thresholds of the first stage
 */
export function frontOf(heard: readonly Heard[]): readonly Point[] {
  const points = heard.flatMap(({ notice, listened }) => middles(listened, notice));
  const order = points.sort(
    (a, b) => a.falseAccepts - b.falseAccepts || a.missed - b.missed || a.wakeUps - b.wakeUps,
  );
  const front: Point[] = [];
  for (const point of order) {
    if (point.missed < (front.at(-1)?.missed ?? Number.POSITIVE_INFINITY)) front.push(point);
  }
  return front.reverse();
}

/** One point for each run of thresholds with the same outcome. */
function middles(listened: readonly Listened[], notice: number): Point[] {
  const runs: { readonly outcome: Outcome; readonly accepts: number[] }[] = [];
  for (const accept of acceptsOf(listened)) {
    const now = outcomeOf(listened, { notice, accept });
    const last = runs.at(-1);
    const isSame = last?.outcome.missed === now.missed && last.outcome.falseAccepts === now.falseAccepts;
    if (isSame) last?.accepts.push(accept);
    else runs.push({ outcome: now, accepts: [accept] });
  }
  return runs.map(({ outcome: its, accepts: [low = 0, ...more] }) => {
    const accept = Number((((low + (more.at(-1) ?? low)) as number) / 2).toFixed(3));
    return { thresholds: { notice, accept }, ...its };
  });
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
